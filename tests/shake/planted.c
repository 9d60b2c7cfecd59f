/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mistake of the kind that shaking is there to find: what was done is told before it is counted.
 * Unshaken it shows about never. Prints how often its threads were delayed, and "late" when it
 * shows.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_int delays;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
/* In the place of the C library's, for whatever is preloaded, too. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *length,
                    struct timespec *rest)
{
    atomic_fetch_add(&delays, 1);
    return (int)syscall(SYS_clock_nanosleep, clock, flags, length, rest);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_done;
static atomic_int count;

static void *work(void *unused)
{
    pthread_mutex_lock(&lock);
    is_done = true;
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&count, 1);
    return unused;
}

static bool look(void)
{
    pthread_mutex_lock(&lock);
    bool seen = is_done;
    pthread_mutex_unlock(&lock);
    return seen;
}

int main(void)
{
    pthread_t worker;
    if (pthread_create(&worker, NULL, work, NULL))
        return 2;
    while (!look())
        sched_yield();
    int seen = atomic_load(&count);
    pthread_join(worker, NULL);
    printf("%d%s\n", atomic_load(&delays), seen ? "" : " late");
    return 0;
}
