/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an Arazzo document: findings, or workflows whose requests are previewed (values,
 * bodies, inputs with their defaults), never a crash. The service is that of tests/data/arazzo. */
#include "core/base/str.h"
#include "runner/play/preview.h"
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
    provider = provider_load(lasting, "things", &options, &findings);
    if (!provider || findings.errors)
        abort();
    findings_release(&findings);
    atexit(stop);
}

static void preview(struct arena *arena, const struct arazzo *document)
{
    static const char *const inputs[] = {"id=k", "n=3", NULL};
    struct secrets secrets = {.arena = arena};
    const struct runner_options options = {.inputs = inputs, .secrets = &secrets};
    struct runner *runner = runner_new(arena, &options);
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    struct jobs jobs = {0};
    jobs_add(arena, &jobs, document, NULL, NULL);
    preview_jobs(runner, &jobs, &text);
    strbuf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct findings findings = {0};
    if (!provider)
        start();
    const struct arazzo *document =
        arazzo_load(arena, scratch_fill(data, size), &provider, 1, &findings);
    if (document)
        preview(arena, document);
    findings_release(&findings);
    arena_free(arena);
    return 0;
}
