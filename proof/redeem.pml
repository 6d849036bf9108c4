/*
 * The redeem protocol: who may spend the refresh token of one file, and what becomes of the answer.
 * Two daemons with their own homes (sdk/recipes/oauth/spend.ts), the program that owns the file, and one vendor.
 * A step is one operation on the file, the lock, a journal or the network. Between two steps anything may happen.
 * Tokens are numbers: the vendor answers token t with t + 1. A sign-in starts a second family at SECOND.
 * Each `#ifdef` takes one precaution away. proof/check.ts shows that the guarantee it is for then fails.
 */
#ifndef CRASHES
#define CRASHES 1 /* how often a program may end without a word */
#define LOSSES 1 /* how often a request or an answer may be lost */
#define REFUSALS 1 /* how often the disk may refuse */
#define TICKS 3 /* after one tick an access token is due, after two it has ended */
#define FORCES 1 /* how often the user asks for a renewal that is not due */
#endif
#define OWNER 2
#define PARTIES 3
#define SECOND 6
#define TOKENS 11
#define NONE 7
#define BUSY 14
#define NOTHING 15

/* Where an attempt is. */
mtype = { idle, want, locked, reserve, announce, unnote, sending, waiting, again, keep, check, write, prove, forget,
          disclaim, recheck, unlock }
/* What an attempt established. */
mtype = { none, fresh, held, deferred, renewed, signin, failed }
/* Steps, for traces. */
mtype = { looks, forces, takes, turnedaway, reads, reserves, reservesnot, notes, notesnot, sends, busies, swallowed, unreached,
          answers, loses, looksagain, keeps, keepsnot, checks, writes, writesnot, proves, forgets, forgetsnot,
          releases, ends, ticks, signsin }

/* What a journal knows of a token: nothing, that it was sent, its successor, or that it was refused (after a loss). */
#define NO 0
#define SENT 1
#define KEPT 2
#define REFUSED 3
#define REFUSEDLATE 4

byte file = 1, now, lock = NONE;
bool dead;                   /* the one who holds the lock has ended */
byte born[TOKENS];           /* when a token was issued */
byte live[2], rotated;       /* the vendor: the valid token of each family, and when it was issued */
bool revoked[2], grace;      /* with grace, it answers a repetition within the same tick with the same successor */
byte crashes = CRASHES, losses = LOSSES, refusals = REFUSALS, wishes = FORCES;

mtype at[PARTIES] = idle, outcome[PARTIES] = none;
byte saw[PARTIES], token[PARTIES], answer[PARTIES], since[PARTIES];
bool late[PARTIES], repeated[PARTIES], adopting[PARTIES], wrote[PARTIES], accepted[PARTIES], forced[PARTIES];
byte note[22];               /* the journals */
byte memory[2];              /* the token whose answer the disk refused (one): it is known until the daemon ends */

/* What is watched. */
bool gap;     /* THE EXCEPTION: a token is spent, and no program that knows its successor is about to store it */
byte mine[2], owe[2];        /* the token that this daemon sent and that may be spent; whose successor it must keep */
bool sentTwice, sentKept, ended, signedIn;

#define FAMILY(t) ((t) / SECOND)
#define DUE (now > born[file])
#define OVER (now > born[file] + 1)
#define NOTE(p, t) note[(p) * TOKENS + (t)]
#define SPENT(p) (NOTE(p, file) == SENT || NOTE(p, file) == REFUSEDLATE)
#define OWED(p) (NOTE(p, file) == KEPT)
#define INSIDE(p) (at[p] != idle && at[p] != want)

/* A line for each step in a simulation: who does what, then the state. */
#define DISK(p, t) (memory[p] == t -> SENT : NOTE(p, t))
#define NOTES(p) DISK(p, 1), DISK(p, 2), DISK(p, 3), DISK(p, 4), DISK(p, 5), \
  DISK(p, 6), DISK(p, 7), DISK(p, 8), DISK(p, 9), DISK(p, 10)
#define SHOW(p, step) printf("@ %d %e %d %d %d %d%d%d%d%d%d%d%d%d%d %d%d%d%d%d%d%d%d%d%d %e %e %d\n", p, step, \
  file, (dead -> NONE : lock), now, NOTES(0), NOTES(1), at[p], outcome[p], grace); COUNT
#define TELL(step) printf("@ 9 %e %d %d %d %d%d%d%d%d%d%d%d%d%d %d%d%d%d%d%d%d%d%d%d idle none %d\n", step, \
  file, (dead -> NONE : lock), now, NOTES(0), NOTES(1), grace); COUNT

#ifdef STEAL
#define MAY_TAKE true
#elif defined(IGNORE_DEATH)
#define MAY_TAKE (lock == NONE)
#else
#define MAY_TAKE (lock == NONE || dead)
#endif

#ifdef WALK
short steps;
#endif
#ifdef POLITE /* Programs take turns, and who found the lock held comes first. Only progress needs it. */
bool turned[PARTIES], begun[PARTIES];
#define WANTS(p) (at[p] == idle && DUE && !begun[p])
#define MAY_BEGIN(p) (turned[p] || \
  (!turned[0] && !turned[1] && !turned[2] && (!begun[p] || (!WANTS(0) && !WANTS(1) && !WANTS(2)))))
#define BEGIN(p) if :: begun[p] -> begun[0] = 0; begun[1] = 0; begun[2] = 0 :: else fi; begun[p] = 1
#define TURN(p, how) turned[p] = how
#else
#ifdef WALK /* Most attempts that find the lock held are alike. */
#define MAY_BEGIN(p) (lock == NONE || dead || steps % 8 == 0)
#else
#define MAY_BEGIN(p) true
#endif
#define BEGIN(p) skip
#define TURN(p, how) skip
#endif

#ifdef WALK /* A simulation starts again and again. */
#define COUNT steps++
#define QUIET (at[0] == idle && at[1] == idle && at[2] == idle && !DUE && !OWED(0) && !OWED(1))
#define SOONEST(n) (steps >= (n) || QUIET) /* otherwise all that fate may do would happen in the first steps */
#else
#define COUNT skip
#define SOONEST(n) true
#endif

inline finish(p, result) { outcome[p] = result; at[p] = unlock }

inline clear(p) {
  saw[p] = 0; token[p] = 0; answer[p] = 0; since[p] = 0; late[p] = 0; repeated[p] = 0; adopting[p] = 0; wrote[p] = 0;
  accepted[p] = 0; forced[p] = 0; at[p] = idle; outcome[p] = none
}

inline look(p, step) { BEGIN(p); saw[p] = file; at[p] = want; SHOW(p, step) }
inline take(p) { lock = p; dead = 0; at[p] = locked; TURN(p, 0); SHOW(p, takes) }
inline away(p) { outcome[p] = held; at[p] = idle; TURN(p, 1); SHOW(p, turnedaway); clear(p) }
inline release(p) { if :: lock == p -> lock = NONE :: else fi; at[p] = idle; SHOW(p, releases); clear(p) }

/* Its answer did not arrive, or will not be stored by the one who has it. */
inline strand(p) { gap = gap || (accepted[p] && file == token[p]) }
inline store(p) { file = token[p] + 1; wrote[p] = 1; gap = gap && file != live[FAMILY(file)] }

/* The vendor gets a token: it rotates it, answers a repetition again, or revokes the family. */
inline arrive(p, t) {
  answer[p] = 0;
  if
  :: revoked[FAMILY(t)] -> skip
  :: !revoked[FAMILY(t)] && t == live[FAMILY(t)] ->
    answer[p] = t + 1; accepted[p] = 1; born[t + 1] = now; live[FAMILY(t)] = t + 1; rotated = now
  :: !revoked[FAMILY(t)] && t + 1 == live[FAMILY(t)] && grace && rotated == now -> answer[p] = t + 1; accepted[p] = 1
  :: else -> revoked[FAMILY(t)] = 1; ended = ended || (!gap && FAMILY(t) == FAMILY(file))
  fi
}

/* A daemon's request leaves. */
inline watch(p) {
  sentTwice = sentTwice || (mine[p] == token[p] && !repeated[p] && !forced[p] && now <= born[token[p]] + 1);
  sentKept = sentKept || owe[p] == token[p];
  mine[p] = token[p]; at[p] = waiting
}

/* The answer is read, and what it says is noted. */
inline hear(p) {
  if :: answer[p] == 0 || (answer[p] == BUSY && !late[p]) -> mine[p] = 0 :: else fi;
  if
  :: answer[p] == BUSY && late[p] -> NOTE(p, token[p]) = REFUSEDLATE; finish(p, failed)
  :: answer[p] == BUSY && !late[p] -> NOTE(p, token[p]) = REFUSED; outcome[p] = failed; at[p] = unnote
  :: answer[p] != 0 && answer[p] != BUSY -> NOTE(p, token[p]) = KEPT; owe[p] = token[p]; at[p] = check
  :: answer[p] == 0 && late[p] -> NOTE(p, token[p]) = REFUSEDLATE; at[p] = disclaim
  :: else -> NOTE(p, token[p]) = REFUSED; at[p] = disclaim
  fi
}

inline erase(p) { NOTE(p, token[p]) = NO; if :: memory[p] == token[p] -> memory[p] = 0 :: else fi; SHOW(p, forgets) }
/* The disk refuses. What it did not take before is not known any more. */
inline leave(p) {
  refusals--;
  if :: memory[p] == token[p] -> NOTE(p, token[p]) = SENT; memory[p] = 0 :: else fi;
  SHOW(p, forgetsnot)
}

proctype daemon(byte p) {
  do
  /* redeem.ts: a look without the lock. If nothing is due, nothing happens. */
  :: d_step { at[p] == idle && MAY_BEGIN(p) && (DUE || OWED(p)) -> look(p, looks) }
  :: d_step { at[p] == idle && MAY_BEGIN(p) && wishes > 0 && SOONEST(4) ->
      wishes--; forced[p] = 1; look(p, forces) }
#ifdef NO_LOCK
  :: d_step { at[p] == want -> take(p) }
#else
  :: d_step { at[p] == want && MAY_TAKE -> take(p) }
  :: d_step { at[p] == want && !MAY_TAKE -> away(p) }
#endif
  /* spend.ts: the file and the note are read again, now under the lock. */
  :: d_step { at[p] == locked ->
      token[p] = file; at[p] = reserve; late[p] = SPENT(p);
#ifdef NO_REREAD
      token[p] = saw[p];
#endif
      if
#ifdef NO_RECALL
#elif defined(NO_ADOPT)
      :: OWED(p) -> finish(p, deferred)
#else
      :: OWED(p) -> adopting[p] = 1; at[p] = reserve
      :: !OWED(p) && SPENT(p) && file == saw[p] && DUE && !OVER && !forced[p] -> finish(p, deferred)
#endif
#ifndef NO_REREAD
#ifdef NO_RECALL
      :: file != saw[p] || !(DUE || forced[p]) -> finish(p, fresh)
#else
      :: !OWED(p) && (file != saw[p] || !(DUE || forced[p])) -> finish(p, fresh)
#endif
#endif
      :: else
      fi;
      SHOW(p, reads) }
  :: d_step { at[p] == reserve -> since[p] = now; at[p] = (adopting[p] -> check : announce); SHOW(p, reserves) }
  :: d_step { at[p] == reserve && refusals > 0 -> refusals--; finish(p, failed); SHOW(p, reservesnot) }
  /* The note is on the disk before the request leaves. */
#ifdef NO_NOTE
  :: d_step { at[p] == announce -> at[p] = sending }
#else
  :: d_step { at[p] == announce ->
      NOTE(p, token[p]) = SENT; if :: memory[p] == token[p] -> memory[p] = 0 :: else fi;
      at[p] = sending; SHOW(p, notes) }
  :: d_step { at[p] == announce && refusals > 0 ->
      refusals--;
      if :: late[p] -> finish(p, failed) :: else -> outcome[p] = failed; at[p] = unnote fi;
      SHOW(p, notesnot) }
#endif
  :: d_step { at[p] == unnote -> at[p] = unlock; erase(p) }
  :: d_step { at[p] == unnote && refusals > 0 -> at[p] = unlock; leave(p) }
  /* The request arrives, is lost on the way, there is no connection, or the vendor is too busy to look at it. */
  :: d_step { at[p] == sending -> watch(p); arrive(p, token[p]); SHOW(p, sends) }
  :: d_step { at[p] == sending && losses > 0 -> losses--; watch(p); answer[p] = BUSY; SHOW(p, busies) }
  :: d_step { at[p] == sending && losses > 0 -> losses--; watch(p); answer[p] = NOTHING; SHOW(p, swallowed) }
  :: d_step { at[p] == sending && losses > 0 ->
      losses--;
      if :: late[p] -> finish(p, failed) :: else -> outcome[p] = failed; at[p] = unnote fi;
      SHOW(p, unreached) }
  :: d_step { at[p] == waiting && answer[p] != NOTHING -> at[p] = keep; SHOW(p, answers) }
  :: d_step { at[p] == waiting && (answer[p] == NOTHING || losses > 0) ->
      if :: answer[p] == NOTHING -> skip :: else -> losses--; strand(p) fi;
      if
      :: !late[p] && since[p] == now -> at[p] = again
      :: else -> finish(p, failed)
      fi;
      late[p] = 1; SHOW(p, loses) }
  /* A lost request is repeated once, and only at once. */
  :: d_step { at[p] == again ->
      repeated[p] = 1;
      if :: file != token[p] -> finish(p, fresh) :: else -> at[p] = sending fi;
      SHOW(p, looksagain) }
  /* The whole answer is noted before it is understood. If the disk refuses, it is in memory. */
  :: d_step { at[p] == keep -> hear(p); SHOW(p, keeps) }
  :: d_step { at[p] == keep && refusals > 0 -> refusals--; hear(p); memory[p] = token[p]; SHOW(p, keepsnot) }
  /* settle.ts: if another program has replaced the token, the file wins. */
  :: d_step { at[p] == check ->
#ifdef BLIND_WRITE
      at[p] = write;
#else
      at[p] = (file == token[p] -> write : prove);
#endif
#ifdef FORGET_EARLY
      NOTE(p, token[p]) = NO;
#endif
      SHOW(p, checks) }
  :: d_step { at[p] == write -> store(p); at[p] = prove; SHOW(p, writes) }
  :: d_step { at[p] == write && refusals > 0 -> refusals--; gap = 1; finish(p, failed); SHOW(p, writesnot) }
  :: d_step { at[p] == prove ->
      if :: wrote[p] && file != token[p] + 1 -> finish(p, failed) :: else -> at[p] = forget fi;
      SHOW(p, proves) }
  :: d_step { at[p] == forget -> finish(p, (wrote[p] -> renewed : fresh)); erase(p) }
  :: d_step { at[p] == forget && refusals > 0 -> finish(p, (wrote[p] -> renewed : fresh)); leave(p) }
  /* It was refused: perhaps another program has spent it and stored the successor. */
  :: d_step { at[p] == disclaim -> at[p] = recheck; erase(p) }
  :: d_step { at[p] == disclaim && refusals > 0 -> at[p] = recheck; leave(p) }
  :: d_step { at[p] == recheck -> finish(p, (file != token[p] -> fresh : signin)); SHOW(p, looksagain) }
  :: d_step { at[p] == unlock -> release(p) }
  od
}

/* The program that owns the file: the same lock, no journal. */
proctype owner() {
  do
  :: d_step { at[OWNER] == idle && MAY_BEGIN(OWNER) && DUE -> look(OWNER, looks) }
  :: d_step { at[OWNER] == want && MAY_TAKE -> take(OWNER) }
  :: d_step { at[OWNER] == locked ->
      token[OWNER] = file; if :: DUE -> at[OWNER] = sending :: else -> finish(OWNER, fresh) fi; SHOW(OWNER, reads) }
  :: d_step { at[OWNER] == sending -> arrive(OWNER, token[OWNER]); at[OWNER] = waiting; SHOW(OWNER, sends) }
  :: d_step { at[OWNER] == waiting ->
      if :: answer[OWNER] != 0 -> at[OWNER] = write :: else -> finish(OWNER, signin) fi; SHOW(OWNER, answers) }
  :: d_step { at[OWNER] == waiting && losses > 0 -> losses--; strand(OWNER); finish(OWNER, failed); SHOW(OWNER, loses) }
  :: d_step { at[OWNER] == write -> store(OWNER); finish(OWNER, renewed); SHOW(OWNER, writes) }
  :: d_step { at[OWNER] == unlock -> release(OWNER) }
  od
}

inline end(p) {
  crashes--; strand(p);
  if :: INSIDE(p) && lock == p -> dead = 1 :: else fi;
  if
  :: p < OWNER && memory[p] != 0 ->
    NOTE(p, memory[p]) = SENT; memory[p] = 0; owe[p] = 0
  :: else
  fi;
  TURN(p, 0);
  outcome[p] = none; at[p] = idle; SHOW(p, ends); clear(p)
}

#ifdef WALK
inline restart() {
  file = 1; now = 0; lock = NONE; dead = 0; rotated = 0; live[0] = 1; live[1] = 0; revoked[0] = 0; revoked[1] = 0;
  grace = 1 - grace; crashes = CRASHES; losses = LOSSES; refusals = REFUSALS; wishes = FORCES;
  clear(0); clear(1); clear(2);
  memory[0] = 0; memory[1] = 0; gap = 0; mine[0] = 0; mine[1] = 0; owe[0] = 0; owe[1] = 0; sentTwice = 0;
  sentKept = 0; ended = 0; signedIn = 0; steps = 0;
  do :: steps < 22 -> note[steps] = NO; born[steps / 2] = 0; steps++ :: else -> break od;
  steps = 0
}
#endif

/* What no program decides. */
proctype fate() {
  do
  :: d_step { now < TICKS && SOONEST(10 * now) -> now++; TELL(ticks) }
  :: d_step { crashes > 0 && SOONEST(8) && (at[0] != idle || memory[0] != 0) -> end(0) }
  :: d_step { crashes > 0 && SOONEST(8) && (at[1] != idle || memory[1] != 0) -> end(1) }
  :: d_step { crashes > 0 && SOONEST(8) && at[OWNER] != idle -> end(OWNER) }
  /* A person signs in. ASSUMED: not between the last look at the file and the rename, and the owner takes turns. */
  :: d_step { !signedIn && SOONEST(16) && at[0] != write && at[1] != write && at[OWNER] == idle ->
      signedIn = 1; file = SECOND; born[SECOND] = now; live[1] = SECOND; gap = 0; TELL(signsin) }
#ifdef WALK
  :: d_step { steps > 50 || (QUIET && now == TICKS && steps > 0) -> restart();
      printf("@ 9 again 1 7 0 0 0 idle none %d\n", grace) }
#endif
  od
}

init {
  live[0] = 1;
  if :: grace = 1 :: grace = 0 fi;
  atomic { run daemon(0); run daemon(1); run owner(); run fate() }
}

/* proof/check.ts searches these together. */
#define LOCK_EXCLUSIVE !((INSIDE(0) && INSIDE(1)) || (INSIDE(0) && INSIDE(2)) || (INSIDE(1) && INSIDE(2)))
#define TOKEN_SENT_ONCE !sentTwice
#define KEPT_NOT_SENT !sentKept
#define LOGIN_SURVIVES !ended
#define ANSWER_KEPT !((owe[0] == file && NOTE(0, file) != KEPT) || (owe[1] == file && NOTE(1, file) != KEPT))
#define NEWER_LOGIN_KEPT (signedIn -> file >= SECOND)

ltl lock_exclusive { [] (LOCK_EXCLUSIVE) }
ltl token_sent_once { [] (TOKEN_SENT_ONCE) }
ltl kept_not_sent { [] (KEPT_NOT_SENT) }
ltl login_survives { [] (LOGIN_SURVIVES) }
ltl answer_kept { [] (ANSWER_KEPT) }
ltl newer_login_kept { [] (NEWER_LOGIN_KEPT) }
ltl journal_adopted { [] (OWED(0) -> <> !OWED(0)) }
ltl due_attempted { [] (DUE -> <> (!DUE || at[0] == locked)) }
