/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test: its threads stop for some ms around what they share with
 * others (locks, signals, sockets, files), so that an order that nobody promised comes up in a
 * minute instead of once in a thousand runs. A seed chooses a tenth of the places as slow ones,
 * each for the whole run: a race needs one side to be late again and again, not both now and then.
 *
 * SHAKE_SEED       a number; without one nothing is delayed
 * SHAKE_PROGRAMS   names (or beginnings), parted by commas: only these; all when it is not given
 * SHAKE_LONGEST    microseconds of the longest delay, 8000 unless given
 * SHAKE_SHARE      hundredths of a thread's time that may go into delays, 25 unless given
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    SLOW_PLACES = 100,  /* of a thousand */
    OFTEN = 2,          /* a slow place delays one time of so many */
    SELDOM = 64,        /* any other one of so many, and shorter: */
    SHORTER = 4,        /* by this */
    FREE_MS = 20,       /* a thread's first delays are not counted */
    PLACE_BITS = 0xfff, /* of an address, those that loading at another one does not change */
};

static struct {
    uint64_t seed;
    int64_t share, longest; /* hundredths, ns */
    bool is_on;
} settings;
static pthread_once_t is_set = PTHREAD_ONCE_INIT;

static _Thread_local struct {
    uint64_t draws;
    int64_t born, slept; /* ns */
    bool is_inside;
} mine;

static int64_t now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* The finalizer of MurmurHash3. */
static uint64_t mix(uint64_t bits)
{
    bits = (bits ^ (bits >> 33)) * 0xff51afd7ed558ccdU;
    bits = (bits ^ (bits >> 33)) * 0xc4ceb9fe1a85ec53U;
    return bits ^ (bits >> 33);
}

static int64_t setting(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

static bool is_meant(const char *program)
{
    const char *names = getenv("SHAKE_PROGRAMS");
    if (!names)
        return true;
    for (const char *name = names; name; name = strchr(name, ',')) {
        name += *name == ',';
        size_t len = strcspn(name, ",");
        if (len && strncmp(program, name, len) == 0)
            return true;
    }
    return false;
}

static void set(void)
{
    settings.seed = mix((uint64_t)setting("SHAKE_SEED", 0));
    settings.longest = setting("SHAKE_LONGEST", 8000) * 1000;
    settings.share = setting("SHAKE_SHARE", 25);
    settings.is_on =
        getenv("SHAKE_SEED") && settings.longest > 0 && is_meant(program_invocation_short_name);
}

static int64_t length(const void *place)
{
    bool is_slow = mix(settings.seed ^ ((uintptr_t)place & PLACE_BITS)) % 1000 < SLOW_PLACES;
    mine.draws = mix(mine.draws + 1);
    if (mine.draws % (is_slow ? OFTEN : SELDOM))
        return 0;
    return (int64_t)(mine.draws >> 8) % (is_slow ? settings.longest : settings.longest / SHORTER);
}

static void delay(const void *place)
{
    int err = errno;
    pthread_once(&is_set, set);
    if (!settings.is_on || mine.is_inside)
        return;
    mine.is_inside = true;
    int64_t begun = now();
    if (!mine.born) {
        mine.born = begun;
        mine.draws = mix(settings.seed ^ (uint64_t)syscall(SYS_gettid));
    }
    int64_t ns = length(place);
    if (ns && mine.slept < FREE_MS * 1000000 + (begun - mine.born) / 100 * settings.share) {
        clock_nanosleep(CLOCK_MONOTONIC, 0,
                        &(struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000},
                        NULL);
        mine.slept += now() - begun;
    }
    mine.is_inside = false;
    errno = err;
}

/* The place is where the call is; one byte on, what follows it. */
#define BEFORE delay(__builtin_return_address(0))
#define AFTER  delay((const char *)__builtin_return_address(0) + 1)
#define FIND(name, found)                                                                          \
    static __typeof__(&(name)) real;                                                               \
    if (!real)                                                                                     \
    real = (__typeof__(real))(found)
#define REAL(name) FIND(name, dlsym(RTLD_NEXT, #name))
/* Without its version dlsym finds the one of before 2.3.2, of another layout. */
#define REAL_CONDITION(name) FIND(name, dlvsym(RTLD_NEXT, #name, "GLIBC_2.3.2"))

/* A function of this name that finds the real one, and delays before and after it. */
#define WRAP(find, before, after, type, name, parameters, arguments)                               \
    type name parameters                                                                           \
    {                                                                                              \
        find(name);                                                                                \
        before;                                                                                    \
        type result = real arguments;                                                              \
        after;                                                                                     \
        return result;                                                                             \
    }
#define NEVER ((void)0)

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

WRAP(REAL, BEFORE, NEVER, int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
WRAP(REAL, NEVER, AFTER, int, pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex))
WRAP(REAL, BEFORE, NEVER, int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
WRAP(REAL, BEFORE, NEVER, int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
WRAP(REAL, NEVER, AFTER, int, pthread_rwlock_unlock, (pthread_rwlock_t * lock), (lock))
WRAP(REAL_CONDITION, NEVER, AFTER, int, pthread_cond_signal, (pthread_cond_t * news), (news))
WRAP(REAL_CONDITION, NEVER, AFTER, int, pthread_cond_broadcast, (pthread_cond_t * news), (news))
WRAP(REAL, NEVER, AFTER, int, poll, (struct pollfd * fds, nfds_t count, int ms), (fds, count, ms))
WRAP(REAL, NEVER, AFTER, ssize_t, recv, (int fd, void *to, size_t len, int flags),
     (fd, to, len, flags))
WRAP(REAL, BEFORE, AFTER, ssize_t, send, (int fd, const void *from, size_t len, int flags),
     (fd, from, len, flags))
WRAP(REAL, BEFORE, AFTER, ssize_t, sendmsg, (int fd, const struct msghdr *from, int flags),
     (fd, from, flags))
WRAP(REAL, BEFORE, AFTER, ssize_t, write, (int fd, const void *from, size_t len), (fd, from, len))
WRAP(REAL, BEFORE, AFTER, ssize_t, writev, (int fd, const struct iovec *from, int count),
     (fd, from, count))
WRAP(REAL, BEFORE, AFTER, int, shutdown, (int fd, int how), (fd, how))
WRAP(REAL, BEFORE, NEVER, int, close, (int fd), (fd))
WRAP(REAL, BEFORE, AFTER, int, rename, (const char *from, const char *to), (from, to))

struct start {
    void *(*run)(void *);
    void *data;
};

static void *run_late(void *data)
{
    struct start start = *(struct start *)data;
    free(data);
    delay((const void *)(uintptr_t)start.run);
    return start.run(start.data);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *data)
{
    REAL(pthread_create);
    struct start *start = malloc(sizeof *start);
    if (!start)
        return EAGAIN;
    *start = (struct start){run, data};
    int result = real(thread, attributes, run_late, start);
    if (result)
        free(start);
    AFTER;
    return result;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
