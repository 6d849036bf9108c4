import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take minutes with full counts, longest first. */
const LONGEST = [
  'R08-no-hot-loop',
  'R24-',
  'R01-',
  'R04-stale-lock',
  'R21-clean-stop',
  'R18-',
  'R19-',
  'R15-',
  'S14-',
  'R02-disk',
];

/** Starts the longest files first. One that starts last keeps one worker busy while the others have nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex(name => moduleId.includes(`/${name}`));
      return index < 0 ? LONGEST.length : index;
    };
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}
