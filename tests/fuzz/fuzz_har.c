/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a recording: findings, or exchanges that are judged, made into a scenario, folded,
 * freed of secrets and written again, never a crash. */
#include "core/base/vec.h"
#include "core/tape/reduce.h"
#include "core/tape/tokens.h"
#include "runner/tape/scenario.h"
#include "runner/tape/tape.h"
#include "tests/fuzz/scratch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct provider *provider;
static struct arena *lasting;

static void stop(void)
{
    arena_free(lasting);
}

static void start(void)
{
    const struct provider_options options = {.contracts_dir = FUZZ_DATA "/contracts"};
    struct findings findings = {0};
    lasting = arena_new();
    provider = provider_load(lasting, "cancels", &options, &findings);
    if (!provider || findings.errors)
        abort();
    findings_release(&findings);
    atexit(stop);
}

static void judge(struct arena *arena, const struct har *har)
{
    struct secrets secrets = {.arena = arena};
    const struct runner_options how = {.secrets = &secrets};
    const struct tape_options options = {.providers = &provider, .provider_count = 1};
    struct tape_summary summary;
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    struct runner *runner = runner_new(arena, &how);
    runner_judge_tape(runner, har, &options, &summary);
    tape_scenario(arena, runner_result(runner), &text);
    runner_end(runner);
    strbuf_release(&text);
}

static void write_again(struct arena *arena, const struct har *har)
{
    static const char *const names[] = {"prompt"};
    struct error err = {0};
    struct tokens *tokens = tokens_new(arena, names, 1, &err);
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    const struct har_entry **entries =
        arena_alloc(arena, (har->entries.count + 1) * sizeof *entries);
    size_t count;
    for (size_t i = 0; i < har->entries.count; i++)
        entries[i] = &har->entries.items[i];
    count = reduce_polls(entries, har->entries.count);
    for (size_t i = 0; i < count; i++)
        tokens_learn(tokens, entries[i]);
    har_begin("fuzz", "1", &text);
    for (size_t i = 0; i < count; i++) {
        struct har_entry entry = tokens_replace(tokens, arena, entries[i]);
        har_add(&entry, i == 0, &text);
    }
    har_end(&text);
    strbuf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    if (!provider)
        start();
    const struct har *har = har_read(arena, scratch_fill(data, size), &findings);
    if (har) {
        judge(arena, har);
        write_again(arena, har);
    }
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
