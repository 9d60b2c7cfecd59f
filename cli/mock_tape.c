/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mock_tape.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "mock/tape/player.h"

#include <stdio.h>
#include <string.h>

static const char *const of_worlds[] = {
    "public-url",    "admin-token",     "log",     "tls-fault",   "step",         "epoch",
    "seed",          "participants",    "outcome", "faults",      "variant",      "validate",
    "unknown-ids",   "allow-callbacks", "eager",   "sessions",    "session-idle", "sessions-limit",
    "session-bytes", "memory",          "state",   "state-every", "watch",        "openapi"};

int mock_tape_check(const struct options *options, struct error *err)
{
    for (size_t i = 0; i < sizeof of_worlds / sizeof *of_worlds; i++)
        if (options_is_given(options, of_worlds[i]))
            return fail(err, ERROR_INVALID,
                        "option '--%s' says nothing of a recording; with '--tape' there is none "
                        "of it",
                        of_worlds[i]);
    return 0;
}

static const struct provider **
load_providers(struct arena *arena, const struct mock_options *options, struct findings *findings)
{
    struct provider_options how = {.contracts_dir = options->contracts_dir};
    const struct provider **providers =
        arena_alloc(arena, (options->provider_count + 1) * sizeof(struct provider *));
    for (size_t i = 0; i < options->provider_count; i++)
        providers[i] = provider_load(arena, options->providers[i], &how, findings);
    return providers;
}

static int tell(const struct mock_settings *settings, struct http_server *server,
                const struct har *har, struct error *err)
{
    char port[16];
    printf("playing %s (%zu exchanges) at %s, with the paths recorded\n", har->file,
           har->entries.count, http_server_url(server));
    fflush(stdout);
    snprintf(port, sizeof port, "%d\n", http_server_port(server));
    return settings->port_file ? file_write(settings->port_file, port, strlen(port), err) : 0;
}

static int serve(const struct mock_settings *settings, const struct tape_player_options *options,
                 const sigset_t *set, struct error *err)
{
    struct tape_player *player = tape_player_start(options, err);
    int number, result = -1;
    if (player)
        result = tell(settings, tape_player_server(player), options->har, err);
    while (!result && sigwait(set, &number))
        continue;
    pthread_sigmask(SIG_UNBLOCK, set, NULL); /* the second one ends the program at once */
    tape_player_stop(player);
    return result;
}

int mock_tape_play(struct arena *arena, const struct mock_settings *settings, const sigset_t *set)
{
    const struct clock_settings *clock = &settings->mock.clock;
    struct findings findings = {0};
    struct error err = {0};
    struct tape_player_options options = {.har = har_read(arena, settings->tape, &findings),
                                          .providers =
                                              load_providers(arena, &settings->mock, &findings),
                                          .provider_count = settings->mock.provider_count,
                                          .scale = clock->mode == MODE_VIRTUAL  ? 0
                                                   : clock->mode == MODE_SCALED ? clock->scale
                                                                                : 1,
                                          .http = settings->mock.http};
    int code = EXIT_USAGE;
    if (findings.errors) {
        findings_tell(&findings);
    } else if (serve(settings, &options, set, &err)) {
        log_line(LEVEL_ERROR, "%s", err.text);
    } else {
        code = EXIT_KEPT;
    }
    findings_release(&findings);
    return code;
}
