/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_targets.h"

#include "core/base/str.h"

enum { MOCK_THREADS = 64 };

static int start_mock(struct check_side *side, struct findings *findings, struct error *err)
{
    const struct check_settings *settings = side->settings;
    struct mock_options options = {
        .providers = (const char *const *)settings->providers,
        .provider_count = settings->provider_count,
        .contracts_dir = side->dirs->contracts,
        .fixtures_dir = side->dirs->fixtures,
        .clock = settings->clock,
        .seed = settings->seed,
        .participants = 1,
        .seeds_on_demand = true, /* each workflow has a session, and speaks to one as a rule */
        .http = {.threads = MOCK_THREADS},
    };
    side->mock = mock_new(&options, findings, err);
    if (!side->mock || findings->errors)
        return err->kind ? -1 : fail(err, ERROR_INVALID, "the mock cannot be started");
    return mock_listen(side->mock, err);
}

static int add_mock(struct check_side *side, struct findings *findings, struct error *err)
{
    const char *origin;
    if (start_mock(side, findings, err))
        return -1;
    origin = http_server_url(side->mock->server);
    for (size_t i = 0; i < side->settings->provider_count; i++) {
        const struct provider *provider = side->providers[i];
        const struct played *played = mock_provider(side->mock, provider->name);
        const struct service *service = &played->provider->service;
        struct target *target = arena_alloc(side->arena, sizeof *target);
        struct strbuf url = STRBUF_INIT(LIMIT_MESSAGE);
        strbuf_addf(&url, "%s/%s", origin, provider->name);
        service_fill_mount(service->mounts[0].at, &url);
        target_of_mock(side->arena, origin, arena_strndup(side->arena, url.buf, url.len),
                       side->settings->clock.mode == MODE_VIRTUAL, provider, target);
        strbuf_release(&url);
        runner_add_target(side->runner, target);
    }
    return 0;
}

const char *check_target_url(const struct texts *urls, const char *provider)
{
    for (size_t i = 0; i < urls->count; i++) {
        const char *text = urls->items[i], *equals = strchr(text, '=');
        if (!equals || equals > strstr(text, "://"))
            return text;
        if (strlen(provider) == (size_t)(equals - text) &&
            strncmp(provider, text, strlen(provider)) == 0)
            return equals + 1;
    }
    return NULL;
}

static int add_services(struct check_side *side, struct error *err)
{
    for (size_t i = 0; i < side->settings->provider_count; i++) {
        const struct provider *provider = side->providers[i];
        const char *url = check_target_url(side->urls, provider->name);
        struct target *target = arena_alloc(side->arena, sizeof *target);
        if (!url)
            return fail(err, ERROR_INVALID, "no %s for '%s': %s=URL", side->option, provider->name,
                        provider->name);
        const struct target_sought sought = {url, provider, side->settings->timeout};
        if (target_find(side->arena, side->client, &sought, target, err))
            return -1;
        runner_add_target(side->runner, target);
    }
    return 0;
}

int check_side_add(struct check_side *side, struct findings *findings, struct error *err)
{
    return side->urls->count ? add_services(side, err) : add_mock(side, findings, err);
}
