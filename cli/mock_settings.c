/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mock_settings.h"

#include "cli/mock_providers.h"
#include "cli/mock_tape.h"
#include "cli/mock_tls.h"
#include "core/base/bytes.h"
#include "core/base/str.h"

#include <string.h>
#include <unistd.h>

static int read_clock(const struct options *options, struct clock_settings *clock,
                      struct error *err)
{
    const char *epoch = options_text(options, "epoch");
    clock->epoch = CLOCK_EPOCH;
    clock->step = options_duration(options, "step");
    if (clock_parse(options_text(options, "clock"), clock, err))
        return -1;
    if (epoch && instant_parse(epoch, false, &clock->epoch))
        return fail(err, ERROR_INVALID,
                    "option '--epoch': '%s' is no instant such as 2026-01-01T00:00:00Z", epoch);
    if (clock->mode == MODE_VIRTUAL)
        return 0;
    if (epoch || options_is_given(options, "step"))
        return fail(err, ERROR_INVALID, "option '--%s' needs --clock virtual",
                    epoch ? "epoch" : "step");
    return 0;
}

static bool is_loopback(const char *host)
{
    return text_is(host, "localhost") || text_is(host, "::1") || text_is(host, "[::1]") ||
           text_starts_with(host, "127.");
}

/* 128 bits; the admin API is open to whoever knows them. */
static const char *make_token(struct arena *arena, struct error *err)
{
    unsigned char bytes[16];
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    if (getentropy(bytes, sizeof bytes)) {
        fail_errno(err, "cannot make an admin token");
        return NULL;
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        strbuf_addf(&text, "%02x", bytes[i]);
    const char *token = arena_strdup(arena, text.buf);
    strbuf_release(&text);
    return token;
}

static int read_listening(struct arena *arena, const struct options *options,
                          struct mock_settings *settings, struct error *err)
{
    struct mock_options *mock = &settings->mock;
    struct texts hosts = options_all(options, "host");
    const char *url = options_text(options, "public-url");
    for (size_t i = 0; i < hosts.count; i++)
        settings->is_exposed |= !is_loopback(hosts.items[i]);
    mock->is_exposed = settings->is_exposed;
    mock->http.hosts = hosts.count ? hosts.items : NULL;
    mock->http.port = (int)options_integer(options, "port");
    mock->http.threads = (int)options_integer(options, "threads");
    mock->log_requests = options_is_given(options, "log");
    settings->port_file = options_text(options, "port-file");
    if (url && !text_starts_with(url, "http://") && !text_starts_with(url, "https://"))
        return fail(err, ERROR_INVALID,
                    "option '--public-url': '%s' does not begin with http:// or https://", url);
    if (url)
        mock->public_url = arena_strndup(arena, url, strlen(url) - text_ends_with(url, "/"));
    mock->admin_token = options_text(options, "admin-token");
    if (mock->admin_token && !*mock->admin_token)
        return fail(err, ERROR_INVALID, "option '--admin-token' is empty");
    settings->made_token = settings->is_exposed && !mock->admin_token;
    if (settings->made_token)
        mock->admin_token = make_token(arena, err);
    return settings->made_token && !mock->admin_token ? -1 : 0;
}

/* Hosts alone: what is more than that would fit no webhook, without a word. */
static int read_callbacks(struct arena *arena, const struct options *options,
                          struct mock_options *mock, struct error *err)
{
    struct texts given = options_all(options, "allow-callbacks");
    const char **hosts = arena_alloc(arena, (given.count + 1) * sizeof *hosts);
    for (size_t i = 0; i < given.count; i++) {
        const char *host = given.items[i], *colon = strchr(host, ':');
        bool is_bare_v6 = colon && strchr(colon + 1, ':');
        size_t len = strlen(host);
        if (*host == '[' && host[len - 1] == ']')
            host = arena_strndup(arena, host + 1, len - 2);
        else if (!len || strpbrk(host, "/@[]") || (colon && !is_bare_v6))
            return fail(err, ERROR_INVALID,
                        "option '--allow-callbacks': '%s' is no host such as hooks.example.com or "
                        "192.0.2.7 (any port of it may be called)",
                        host);
        hosts[i] = host;
    }
    mock->callback_hosts = hosts;
    mock->callback_host_count = given.count;
    return 0;
}

int mock_settings_read(struct arena *arena, const struct options *options,
                       struct mock_settings *settings, struct error *err)
{
    struct mock_options *mock = &settings->mock;
    struct texts outcomes = options_all(options, "outcome");
    struct texts faults = options_all(options, "faults");
    mock->seed = (uint64_t)options_integer(options, "seed");
    mock->participants = (unsigned)options_integer(options, "participants");
    mock->validate = (enum validate_mode)options_choice(options, "validate");
    mock->unknown_ids = (enum unknown_ids)options_choice(options, "unknown-ids");
    mock->sessions.most = (size_t)options_integer(options, "sessions-limit");
    mock->session_bytes = (size_t)options_bytes(options, "session-bytes");
    mock->memory = options_is_given(options, "memory") ? (size_t)options_bytes(options, "memory")
                                                       : bytes_of_machine() / 4 * 3;
    mock->sessions.idle = options_duration(options, "session-idle");
    mock->sessions.declared_only = options_choice(options, "sessions") == 1;
    mock->outcomes = outcomes.items;
    mock->outcome_count = outcomes.count;
    mock->faults = faults.items;
    mock->fault_count = faults.count;
    settings->is_eager = options_is_given(options, "eager");
    settings->tape = options_text(options, "tape");
    if (settings->tape && mock_tape_check(options, err))
        return -1;
    mock->load_all = settings->is_eager;
    mock->watches = options_is_given(options, "watch");
    settings->state_file = options_text(options, "state");
    settings->state_every = options_integer(options, "state-every");
    if (options_is_given(options, "state-every") && !settings->state_file)
        return fail(err, ERROR_INVALID, "option '--state-every' needs --state");
    if (settings->state_file && !*settings->state_file)
        return fail(err, ERROR_INVALID, "option '--state' is empty");
    if (read_clock(options, &mock->clock, err) || mock_providers_read(arena, options, mock, err) ||
        read_listening(arena, options, settings, err) || read_callbacks(arena, options, mock, err))
        return -1;
    return mock_tls_read(arena, options, settings, err);
}
