/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a kept state: findings, or worlds that are given back, never a crash; what is taken
 * is put in the place of the sessions and written again. Two one-page services are played.
 */
#include "mock/keep/restore.h"
#include "mock/keep/snapshot_write.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mock *mock;

static void stop(void)
{
    mock_free(mock);
}

static void start(void)
{
    static const char *const providers[] = {"cancels", "guests"};
    const struct mock_options options = {
        .providers = providers,
        .provider_count = 2,
        .contracts_dir = FUZZ_DATA "/contracts",
        .fixtures_dir = FUZZ_DATA "/fixtures",
        .clock = {.mode = MODE_VIRTUAL, .scale = 1, .epoch = CLOCK_EPOCH},
        .seed = 1,
        .load_all = true,
    };
    struct findings findings = {0};
    struct error err = {0};
    mock = mock_new(&options, &findings, &err);
    if (!mock)
        abort();
    findings_release(&findings);
    atexit(stop);
}

static int swallow(void *data, const char *bytes, size_t len)
{
    size_t *total = data;
    (void)bytes;
    *total += len;
    return 0;
}

static void write_again(void)
{
    size_t count, total = 0;
    struct state_writer writer = {.write = swallow, .data = &total};
    struct session_item *items = sessions_items(mock->sessions, false, &count);
    state_write_begin(&writer);
    for (size_t i = 0; i < count; i++)
        state_write_now(&writer, &items[i]);
    state_write_end(&writer);
    session_items_release(items, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct restore_options options = {.file = "fuzz", .all = true, .check_links = true};
    struct findings findings = {0};
    struct error err = {0};
    if (!mock)
        start();
    struct restored *restored =
        restore_read(mock, (struct str){(const char *)data, size}, &options, &findings);
    if (restored && !restore_commit(restored, &err))
        write_again();
    restored_free(restored);
    findings_release(&findings);
    return 0;
}
