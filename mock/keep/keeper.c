/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/keep/keeper.h"

#include "core/base/file.h"
#include "core/base/file_save.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "mock/keep/restore.h"
#include "mock/keep/snapshot_write.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    SHARE = 10,          /* of the time, at most one part is spent on saving */
    LAST_WAIT_MS = 2000, /* for requests under way, when the mock stops */
};

struct keeper {
    struct mock *mock;
    char *file;
    int64_t every;
    _Atomic int64_t changes, due; /* counted so far; how many wake the thread */
    sem_t wake;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_stopping;
    bool has_failed; /* the last time: told once */
};

void keeper_note(void *data)
{
    struct keeper *keeper = data;
    int64_t changes = atomic_fetch_add_explicit(&keeper->changes, 1, memory_order_relaxed) + 1;
    if (changes == atomic_load_explicit(&keeper->due, memory_order_relaxed))
        sem_post(&keeper->wake);
}

/* ---- writing ---- */

static int write_piece(void *data, const char *bytes, size_t len)
{
    return file_save_write(data, bytes, len);
}

static int save(struct keeper *keeper, struct error *err)
{
    struct file_save *file = file_save_begin(keeper->file, err);
    size_t count;
    if (!file)
        return -1;
    struct state_writer writer = {.write = write_piece, .data = file};
    struct session_item *items = sessions_items(keeper->mock->sessions, false, &count);
    state_write_begin(&writer);
    for (size_t i = 0; i < count; i++)
        state_write_now(&writer, &items[i]);
    session_items_release(items, count);
    state_write_end(&writer);
    return file_save_end(file, err);
}

/* ---- the thread ---- */

/* Until then, or until the mock stops. */
static void pause_until(struct keeper *keeper, nanos monotonic)
{
    nanos now;
    while (!atomic_load(&keeper->is_stopping) && (now = instant_monotonic_now()) < monotonic) {
        nanos until = instant_real_now() + (monotonic - now);
        struct timespec at = {.tv_sec = (time_t)(until / NANOS_PER_SECOND),
                              .tv_nsec = (long)(until % NANOS_PER_SECOND)};
        sem_timedwait(&keeper->wake, &at);
    }
}

static void save_now(struct keeper *keeper)
{
    struct error err = {0};
    nanos began = instant_monotonic_now();
    int64_t changes = atomic_load(&keeper->changes);
    int failed = save(keeper, &err);
    if (failed && !keeper->has_failed)
        log_line(LEVEL_ERROR, "%s: it holds an older state; tried again", err.text);
    keeper->has_failed = failed;
    nanos now = instant_monotonic_now();
    pause_until(keeper, now + (now - began) * (SHARE - 1) + (failed ? NANOS_PER_SECOND : 0));
    atomic_store(&keeper->due, changes + keeper->every);
    if (atomic_load(&keeper->changes) >= changes + keeper->every)
        sem_post(&keeper->wake);
}

static void *keep_saving(void *data)
{
    struct keeper *keeper = data;
    while (!atomic_load(&keeper->is_stopping)) {
        while (sem_wait(&keeper->wake) && errno == EINTR)
            continue;
        if (!atomic_load(&keeper->is_stopping) &&
            atomic_load(&keeper->changes) >= atomic_load(&keeper->due))
            save_now(keeper);
    }
    return NULL;
}

void keeper_start(struct keeper *keeper)
{
    int code = pthread_create(&keeper->thread, NULL, keep_saving, keeper);
    keeper->has_thread = code == 0;
    if (code)
        log_line(LEVEL_ERROR, "the thread that saves does not start: '%s' is saved at the end only",
                 keeper->file);
}

/* ---- the end ---- */

/* Nobody but us, those that are parked and webhooks on their way knows the world any more. */
static bool is_quiet(const struct world *world)
{
    return atomic_load(&world->references) <= 1 + world->parking.parked + world->delivering;
}

/* What was answered is in it; what is parked is woken, and changes nothing any more. */
static struct snapshot *take_last(struct world *world)
{
    const struct timespec pause = {.tv_nsec = NANOS_PER_MS};
    world_lock(world);
    for (int i = 0; i < LAST_WAIT_MS && !is_quiet(world); i++) {
        world_unlock(world);
        nanosleep(&pause, NULL);
        world_lock(world);
    }
    struct snapshot *snapshot = snapshot_take(world);
    world_close_locked(world);
    world_unlock(world);
    return snapshot;
}

static int save_last(struct keeper *keeper, struct error *err)
{
    struct file_save *file = file_save_begin(keeper->file, err);
    struct state_writer writer = {.write = write_piece, .data = file};
    size_t count;
    if (!file)
        return -1;
    struct session_item *items = sessions_items(keeper->mock->sessions, true, &count);
    state_write_begin(&writer);
    for (size_t i = 0; i < count; i++) {
        struct snapshot *snapshot = items[i].world ? take_last(items[i].world) : NULL;
        state_write_session(&writer, &items[i], snapshot);
        snapshot_release(snapshot);
    }
    session_items_release(items, count);
    state_write_end(&writer);
    return file_save_end(file, err);
}

int keeper_stop(struct keeper *keeper, struct error *err)
{
    atomic_store(&keeper->is_stopping, true);
    sem_post(&keeper->wake);
    if (keeper->has_thread)
        pthread_join(keeper->thread, NULL);
    keeper->has_thread = false;
    return save_last(keeper, err);
}

/* ---- the beginning ---- */

static char *read_whole(const char *file, size_t *len, struct error *err)
{
    int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status)) {
        fail_errno(err, "cannot read the state '%s'", file);
        if (descriptor >= 0)
            close(descriptor);
        return NULL;
    }
    size_t size = (size_t)status.st_size, used = 0;
    char *bytes = mem_realloc(NULL, size + 1);
    ssize_t got = 1;
    while (used < size && got > 0) {
        got = read(descriptor, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            used += (size_t)got;
    }
    if (got < 0) {
        fail_errno(err, "cannot read the state '%s'", file);
        mem_free(bytes);
        bytes = NULL;
    }
    close(descriptor);
    *len = used;
    return bytes;
}

static int load(struct keeper *keeper, const char *file, struct findings *findings,
                struct error *err)
{
    size_t len;
    char *bytes = read_whole(keeper->file, &len, err);
    if (!bytes)
        return -1;
    struct restore_options options = {.file = file, .all = true};
    keeper->mock->restored =
        restore_read(keeper->mock, (struct str){bytes, len}, &options, findings);
    mem_free(bytes);
    if (keeper->mock->restored)
        return 0;
    return fail(err, ERROR_INVALID, "the state '%s' is not right: it stays as it is", file);
}

/* A name that cannot be written is told before anything is played. */
static int check_writable(const struct keeper *keeper, struct error *err)
{
    if (file_is_directory(keeper->file))
        return fail(err, ERROR_IO, "cannot keep the state in '%s': it is a directory",
                    keeper->file);
    struct file_save *probe = file_save_begin(keeper->file, err);
    file_save_abandon(probe);
    return probe ? 0 : -1;
}

struct keeper *keeper_new(struct mock *mock, const char *file, int64_t every,
                          struct findings *findings, struct error *err)
{
    struct keeper *keeper = mem_alloc(sizeof *keeper);
    keeper->mock = mock;
    keeper->file = mem_strdup(file);
    keeper->every = every;
    atomic_init(&keeper->changes, 0);
    atomic_init(&keeper->due, every);
    sem_init(&keeper->wake, 0, 0);
    signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is told as a full disk is */
    mock->keeper = keeper;
    if (!check_writable(keeper, err) &&
        (!file_exists(keeper->file) || !load(keeper, file, findings, err)))
        return keeper;
    mock->keeper = NULL;
    keeper_free(keeper);
    return NULL;
}

void keeper_free(struct keeper *keeper)
{
    if (!keeper)
        return;
    sem_destroy(&keeper->wake);
    mem_free(keeper->file);
    mem_free(keeper);
}
