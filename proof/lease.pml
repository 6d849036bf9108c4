/*
 * The lease of one login that three machines have copies of: who may spend it, and who may record that it is spent.
 * (plugins/postgres/lease-statements.ts, validity.ts; connection.ts, lease.ts; kernel/lease/guard.ts, holding-right.ts)
 * A step is one statement in the database, one answer that arrives, or one request to the vendor.
 * Durations count down. A machine that pauses, or is cut off, takes no step while they do.
 * ASSUMED: all clocks run equally fast. The vendor does not ask who holds the lease: a request that has left is not
 * stopped. Each `#ifdef` takes one precaution away. proof/check.ts shows that the guarantee it is for then fails.
 */
#ifndef CRASHES
#define MACHINES 3
#define CRASHES 1 /* how often a machine may end */
#define PAUSES 2 /* how often time may pass although a heartbeat is due; -1: always */
#define EPOCHS 3
#define LOST 1 /* how often an answer of the database may be lost */
#define LEAVES 1 /* how often a machine may end in order */
#endif
#ifndef LEASE
#define LEASE 3 /* in ticks. A heartbeat is due after one. */
#endif
#define NONE 7

mtype = { idle, asking, informed, granted, sent, done }                /* where an attempt is */
mtype = { beats, hears, asks, takes, refuses, learns, loses, sends, stops, records, recordsnot, tells, ticks, closes,
          leaves, ends }

short pauses = PAUSES;
byte crashes = CRASHES, losses = LOST, leavings = LEAVES;

/* The database. */
byte alive[3];        /* how long a machine counts as alive */
byte holder = NONE;        /* in the row of the login */
bool former;                 /* ... and a later run of that machine has been heard */
byte epoch, taken;           /* the epoch, and how long the row is protected since it was taken */
bool spent;                  /* recorded */

/* The machines. */
mtype at[3] = idle;
byte valid[3];        /* how long its leases hold by its own clock, counted from when its heartbeat left */
byte young[3];        /* the same of a heartbeat that has not been answered yet */
bool flying[3];       /* there is one */
bool whole[3];        /* the leases have not lapsed since it asked */
byte has[3];          /* the epoch that it was given */
bool closing[3];      /* it ends in order, and has not told the database yet */
bool gone[3], restarted[3]; /* it has ended for good; it has not been heard since it started again */

/* What is watched. */
bool did[3], overtaken[3], twice, wrongly, early;
bool told;                   /* THE EXCEPTION: recorded later, by one who was not the holder any more */

#ifdef NO_LOST
#define UNBROKEN(m) true
#else
#define UNBROKEN(m) whole[m]
#endif
/* What a machine believes before it sends: Right.isValid. */
#define RIGHT(m) (valid[m] > 0 && UNBROKEN(m) && (at[m] == granted || at[m] == sent))
/* MAY_BE_USED in the statement. */
#ifdef EAGER
#define IN_USE false
#elif defined(NO_EXPIRY)
#define IN_USE (holder != NONE)
#else
#define IN_USE (holder != NONE && ((alive[holder] > 0 && !former) || taken > 0))
#endif
#define OTHER_SENT(m, n) (m != n && did[n] && ((spent && !told) || RIGHT(n)))
#define LATE(m) (!gone[m] && !closing[m] && valid[m] < LEASE)
#define UNDER_WAY(m) (at[m] == informed || at[m] == granted || at[m] == sent)

#define SHOW(m, step) printf("@ %d %e %d %d %d %d %d%d%d %e\n", m, step, \
  holder, epoch, spent, alive[m] > 0, RIGHT(0), RIGHT(1), RIGHT(2), at[m]); COUNT

#ifdef WALK /* A simulation starts again and again. */
short steps;
#define COUNT steps++
#define SOONEST(n) (steps >= (n))
#define AT_REST(m) (at[m] == done || at[m] == idle)
#else
#define COUNT skip
#define SOONEST(n) true
#endif

inline rest(m, where) { at[m] = where; whole[m] = 0; has[m] = 0; overtaken[m] = 0 }

inline end(m, forever) {
  crashes--; valid[m] = 0; young[m] = 0; flying[m] = 0; restarted[m] = 1; closing[m] = 0; gone[m] = forever; rest(m, idle);
  SHOW(m, ends)
}

proctype heart(byte m) {
  do
  :: d_step { !gone[m] && !closing[m] && !flying[m] && valid[m] < LEASE ->
      alive[m] = LEASE; flying[m] = 1; young[m] = LEASE;
      if :: restarted[m] && holder == m -> former = 1 :: else fi;
      restarted[m] = 0; SHOW(m, beats) }
  /* Validity.extend: if it had lapsed, what was given before is void. */
  :: d_step { flying[m] ->
      if :: valid[m] == 0 -> whole[m] = 0 :: else fi;
#ifdef COUNT_LATE
      valid[m] = (closing[m] -> 0 : LEASE);
#else
      valid[m] = (closing[m] -> 0 : young[m]);
#endif
      flying[m] = 0; young[m] = 0; SHOW(m, hears) }
  /* Fleet, Connection.close: once no attempt has a right, it counts on no lease, and then gives all of them up. */
#ifdef LEAVE_EARLY
#define MAY_LEAVE(m) (at[m] != asking)
#else
#define MAY_LEAVE(m) (at[m] == idle || at[m] == done)
#endif
  :: d_step { leavings > 0 && SOONEST(8) && !gone[m] && !closing[m] && valid[m] > 0 && MAY_LEAVE(m) ->
      leavings--; early = early || UNDER_WAY(m); valid[m] = 0; closing[m] = 1; SHOW(m, closes) }
  :: d_step { closing[m] && !flying[m] ->
      alive[m] = 0; if :: holder == m && !former && !spent -> holder = NONE :: else fi;
      closing[m] = 0; restarted[m] = 1; rest(m, idle); SHOW(m, leaves) }
  :: d_step { crashes > 0 && SOONEST(8) && !gone[m] && (valid[m] > 0 || flying[m]) -> end(m, 0) }
  :: d_step { crashes > 0 && SOONEST(8) && !gone[m] && (valid[m] > 0 || flying[m]) -> end(m, 1) }
  od
}

proctype attempt(byte m) {
  do
  :: d_step { at[m] == idle && !gone[m] && !did[m] && !spent && valid[m] > 0 ->
      at[m] = asking; whole[m] = 1; SHOW(m, asks) }
  /* ACQUIRE: in the database, one after the other. */
  :: d_step { at[m] == asking && alive[m] > 0 && !restarted[m] && !spent && (holder == m || !IN_USE) &&
      epoch < EPOCHS ->
      if
      :: holder == m && !former -> if :: epoch == 0 -> epoch = 1 :: else fi
      :: else -> epoch++;
        if :: holder != NONE && (at[holder] == informed || at[holder] == granted || at[holder] == sent) ->
          overtaken[holder] = 1
        :: else fi
      fi;
      overtaken[m] = 0; holder = m; former = 0; taken = LEASE; has[m] = epoch; at[m] = informed; SHOW(m, takes) }
  :: d_step { at[m] == asking && (alive[m] == 0 || spent || (holder != m && IN_USE)) ->
      rest(m, idle); SHOW(m, refuses) }
  :: d_step { at[m] == informed -> at[m] = granted; SHOW(m, learns) }
  :: d_step { at[m] == informed && losses > 0 -> losses--; rest(m, idle); SHOW(m, loses) }
  /* holdingRight: a look at the clock before the request. */
#ifdef NO_LOOK
  :: d_step { at[m] == granted ->
#else
  :: d_step { at[m] == granted && !RIGHT(m) -> rest(m, idle); SHOW(m, stops) }
  :: d_step { at[m] == granted && RIGHT(m) ->
#endif
      twice = twice || OTHER_SENT(m, 0) || OTHER_SENT(m, 1) || OTHER_SENT(m, 2);
      did[m] = 1; at[m] = sent; SHOW(m, sends) }
  /* SETTLE: only with the epoch that was given. */
#ifdef NO_EPOCH
  :: d_step { at[m] == sent ->
#else
  :: d_step { at[m] == sent && (holder != m || former || has[m] != epoch) -> rest(m, done); SHOW(m, recordsnot) }
  :: d_step { at[m] == sent && holder == m && !former && has[m] == epoch ->
#endif
      spent = 1; wrongly = wrongly || overtaken[m]; rest(m, done); SHOW(m, records) }
  :: d_step { at[m] == sent && losses > 0 -> losses--; rest(m, done); SHOW(m, loses) }
  /* HOLD: what was spent here is recorded, also if that could not be done at once. */
#ifndef NO_TELL
  :: d_step { !gone[m] && !closing[m] && !restarted[m] && at[m] == done && !spent && epoch < EPOCHS ->
      told = told || holder != m || former; spent = 1; epoch++; holder = m; former = 0; SHOW(m, tells) }
#endif
  od
}

inline less(x) { if :: x > 0 -> x-- :: else fi }

inline pass(m) { less(alive[m]); less(valid[m]); less(young[m]); if :: valid[m] == 0 -> whole[m] = 0 :: else fi }

#ifdef WALK
inline renew(m) {
  alive[m] = 0; valid[m] = 0; young[m] = 0; flying[m] = 0; gone[m] = 0; restarted[m] = 0; closing[m] = 0;
  did[m] = 0; rest(m, idle)
}
inline restart() {
  pauses = PAUSES; crashes = CRASHES; losses = LOST; leavings = LEAVES; holder = NONE; former = 0; epoch = 0; taken = 0; spent = 0;
  twice = 0; wrongly = 0; early = 0; told = 0; steps = 0; renew(0); renew(1); renew(2)
}
#endif

proctype fate() {
  do
  /* Time passes. If a heartbeat is due, its machine pauses or is cut off. */
  :: d_step { SOONEST(6) && (pauses != 0 || !(LATE(0) || LATE(1) || LATE(2))) ->
      if :: pauses > 0 && (LATE(0) || LATE(1) || LATE(2)) -> pauses-- :: else fi;
      pass(0); pass(1); pass(2); less(taken); SHOW(0, ticks) }
#ifdef WALK
  :: d_step { steps > 60 || (spent && AT_REST(0) && AT_REST(1) && AT_REST(2)) -> restart(); printf("@ end\n") }
#endif
  od
}

init {
  if :: MACHINES < 3 -> gone[2] = 1 :: else fi;
  atomic {
    run heart(0); run heart(1); run attempt(0); run attempt(1); run fate();
    if :: MACHINES == 3 -> run heart(2); run attempt(2) :: else fi
  }
}

/* proof/check.ts searches these together. */
#define ONE_HOLDER !((RIGHT(0) && RIGHT(1)) || (RIGHT(0) && RIGHT(2)) || (RIGHT(1) && RIGHT(2)))
#define SENT_ONCE_WHILE_LEASED !twice
#define RECORDED_BY_HOLDER_ONLY !wrongly
#define LEFT_WHEN_SETTLED !early

ltl one_holder { [] (ONE_HOLDER) }
ltl sent_once_while_leased { [] (SENT_ONCE_WHILE_LEASED) }
ltl recorded_by_holder_only { [] (RECORDED_BY_HOLDER_ONLY) }
ltl left_when_settled { [] (LEFT_WHEN_SETTLED) }
ltl told_in_the_end { [] ((did[0] && at[0] == done) -> <> (spent || at[0] != done)) }
ltl failover { <> (did[0] || did[1] || did[2]) }
