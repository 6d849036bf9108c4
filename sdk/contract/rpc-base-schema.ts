import { z } from 'zod';

/** The schemas of one method. They check its params, and the OpenRPC document is made from them. */
export const method = <P extends z.ZodType, R extends z.ZodType>(summary: string, params: P, result: R) => ({
  summary,
  params,
  result,
});

/** A session's id. */
export const idSchema = z.string().min(1).max(200);

/** Params of a method that takes none. */
export const noneSchema = z
  .strictObject({})
  .optional()
  .transform(() => undefined);

/** Params of a method about one session. */
export const targetSchema = z.strictObject({ id: idSchema });

/** The result of a method that returns nothing. */
export const nothingSchema = z.null();
