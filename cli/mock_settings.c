/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mock_settings.h"

#include "cli/data_dirs.h"
#include "cli/mock_tape.h"
#include "cli/mock_tls.h"
#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/str.h"
#include "core/net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const validate_names[] = {"strict", "warn", "off", NULL};
static const char *const session_modes[] = {"first-use", "declared", NULL};
static const char *const unknown_id_names[] = {"404", "example", NULL};

static const struct option_row listen_rows[] = {
    {.name = "host",
     .argument = "ADDRESS",
     .is_repeated = true,
     .help = "where to listen instead of on 127.0.0.1"},
    {.name = "port",
     .letter = 'p',
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 0,
     .most = 65535,
     .fallback = "8080",
     .help = "port; 0 takes a free one"},
    {.name = "port-file",
     .argument = "FILE",
     .help = "write the port into this file once it listens"},
    {.name = "threads",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 2,
     .most = 4096,
     .fallback = "256",
     .help = "requests served at once; three quarters may wait"},
    {.name = "public-url",
     .argument = "URL",
     .help = "what absolute links begin with, instead of the request's scheme and Host"},
    {.name = "admin-token",
     .argument = "TOKEN",
     .help = "the admin API asks for it; made and printed when a host is not loopback"},
    {.name = "log", .help = "print a line for every request on standard error"},
};

static const struct option_row tls_rows[] = {
    {.name = "tls", .help = "speak HTTPS; without --cert a certificate is made for this run"},
    {.name = "cert", .argument = "FILE", .help = "certificate chain, PEM"},
    {.name = "key", .argument = "FILE", .help = "its key, PEM, when it is not in the same file"},
    {.name = "cert-out",
     .argument = "FILE",
     .help = "keep the certificate that is made here, and its key in FILE.key"},
    {.name = "tls-fault",
     .argument = "KIND",
     .is_repeated = true,
     .help =
         "one more port whose TLS is wrong: expired, wrong_host, untrusted, ... (docs/FAULTS.md)"},
};

static const struct option_row time_rows[] = {
    {.name = "clock",
     .argument = "CLOCK",
     .fallback = "real",
     .help = "real, scaled:N (N times as fast) or virtual (stands still until it is moved);"
             " the admin API can advance and freeze any"},
    {.name = "step",
     .argument = "DURATION",
     .type = OPTION_DURATION,
     .help = "virtual: each answered request moves time by this much"},
    {.name = "epoch",
     .argument = "INSTANT",
     .help = "virtual: when time begins, instead of at 2026-01-01T00:00:00Z"},
    {.name = "seed",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 0,
     .most = INT64_MAX,
     .fallback = "1",
     .help = "what ids and delays are drawn from"},
    {.name = "participants",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 1,
     .most = 10000,
     .fallback = "1",
     .help = "virtual: clients that must wait at once before time passes"},
};

static const struct option_row play_rows[] = {
    {.name = "outcome",
     .argument = "P.M=NAME",
     .is_repeated = true,
     .help = "force an outcome: PROVIDER.MACHINE=NAME ('dryrun list outcomes')"},
    {.name = "faults",
     .argument = "PLAN",
     .is_repeated = true,
     .help = "failures on demand: a file, or a plan that comes along ('dryrun list plans')"},
    {.name = "variant",
     .argument = "P.NAME=V",
     .is_repeated = true,
     .help = "choose where upstream is unclear: PROVIDER.NAME=VALUE ('dryrun list variants')"},
    {.name = "validate",
     .argument = "MODE",
     .type = OPTION_CHOICE,
     .choices = validate_names,
     .fallback = "strict",
     .help = "requests against the contract: strict refuses, warn notes, off"},
    {.name = "unknown-ids",
     .argument = "MODE",
     .type = OPTION_CHOICE,
     .choices = unknown_id_names,
     .fallback = "404",
     .help = "resources that are not there: 404, or an example of the schema"},
    {.name = "allow-callbacks",
     .argument = "HOST",
     .is_repeated = true,
     .help = "webhooks may go to this host, too; else to loopback only"},
    {.name = "tape",
     .argument = "FILE",
     .help = "answer with what a HAR file recorded, at the paths recorded (docs/TAPES.md)"},
    {.name = "eager", .help = "load all and furnish the default session before listening"},
};

static const struct option_row session_rows[] = {
    {.name = "sessions",
     .argument = "MODE",
     .type = OPTION_CHOICE,
     .choices = session_modes,
     .fallback = "first-use",
     .help = "made on first-use, or only by POST /__admin/sessions: declared"},
    {.name = "session-idle",
     .argument = "DURATION",
     .type = OPTION_DURATION,
     .help = "forget sessions not used for so long (real time), but not the default one"},
    {.name = "sessions-limit",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 1,
     .most = 1000000,
     .fallback = "10000",
     .help = "sessions that there may be, with the default one; one more is answered 507"},
    {.name = "session-bytes",
     .argument = "SIZE",
     .type = OPTION_BYTES,
     .help = "what one session may hold, journal and webhooks too; beyond that 507"},
    {.name = "memory",
     .argument = "SIZE",
     .type = OPTION_BYTES,
     .help = "what all sessions may hold together, instead of three quarters of the machine's"},
};

static const struct option_row state_rows[] = {
    {.name = "state",
     .argument = "FILE",
     .help = "load all sessions from this file, and save them into it at the end and on the way"},
    {.name = "state-every",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 1,
     .most = INT32_MAX,
     .fallback = "100",
     .help = "--state: changes after which it is saved"},
};

static const struct option_row data_rows[] = {
    {.name = "openapi",
     .argument = "[NAME=]FILE",
     .is_repeated = true,
     .help = "play this OpenAPI document alone, from its examples and schemas, at /NAME"},
    {.name = "watch",
     .help = "load documents again when they change; what is broken leaves the old ones in place"},
    {.name = "contracts", .argument = "DIR", .help = "where NAME/openapi.yaml is"},
    {.name = "fixtures", .argument = "DIR", .help = "where NAME/service.yaml is"},
    {.name = "help", .letter = 'h', .help = "print this help"},
};

const struct option_table mock_tables[] = {OPTION_TABLE("Listening", listen_rows),
                                           OPTION_TABLE("TLS", tls_rows),
                                           OPTION_TABLE("Time and chance", time_rows),
                                           OPTION_TABLE("Play", play_rows),
                                           OPTION_TABLE("Sessions", session_rows),
                                           OPTION_TABLE("State", state_rows),
                                           OPTION_TABLE("Data", data_rows)};
const size_t mock_table_count = sizeof mock_tables / sizeof *mock_tables;

/* ---- reading ---- */

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

/* PROVIDER.NAME=VALUE, or NAME=VALUE when one provider is played. */
static int read_variants(struct arena *arena, const struct options *options,
                         struct mock_options *mock, struct error *err)
{
    struct texts texts = options_all(options, "variant");
    struct variant_choice *choices = arena_alloc(arena, (texts.count + 1) * sizeof *choices);
    for (size_t i = 0; i < texts.count; i++) {
        const char *equals = strchr(texts.items[i], '=');
        const char *dot = strchr(texts.items[i], '.');
        bool is_known = false;
        if (!equals || !equals[1])
            return fail(err, ERROR_INVALID, "option '--variant': '%s' is not PROVIDER.NAME=VALUE",
                        texts.items[i]);
        choices[i].name = arena_strndup(arena, texts.items[i], (size_t)(equals - texts.items[i]));
        choices[i].value = equals + 1;
        for (size_t j = 0; j < mock->provider_count && dot && dot < equals; j++)
            is_known |= str_is((struct str){texts.items[i], (size_t)(dot - texts.items[i])},
                               mock->providers[j]);
        if (!is_known && (mock->provider_count != 1 || (dot && dot < equals)))
            return fail(err, ERROR_INVALID,
                        "option '--variant': '%s' names no provider that is played: write "
                        "PROVIDER.NAME=VALUE",
                        texts.items[i]);
    }
    mock->variants = choices;
    mock->variant_count = texts.count;
    return 0;
}

/* ---- documents ---- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* The file's name without folder and ending, as a segment of a path. */
static const char *name_of_file(struct arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
    char *name =
        arena_strndup(arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
    for (char *at = name; *at; at++)
        if (!is_name_char(*at))
            *at = '-';
    return name;
}

/* NAME=FILE, unless a file is called so. */
static struct mock_document read_document(struct arena *arena, const char *text)
{
    const char *equals = strchr(text, '=');
    struct mock_document document = {NULL, text};
    if (equals && !file_exists(text)) {
        document.name = arena_strndup(arena, text, (size_t)(equals - text));
        document.file = equals + 1;
    } else {
        document.name = name_of_file(arena, text);
    }
    return document;
}

static bool is_name(const char *name)
{
    const char *at = name;
    while (is_name_char(*at))
        at++;
    return *name && !*at && name[strspn(name, ".")] && !text_is(name, "__admin");
}

static int read_documents(struct arena *arena, const struct options *options,
                          struct mock_options *mock, struct error *err)
{
    struct texts texts = options_all(options, "openapi");
    struct mock_document *documents = arena_alloc(arena, (texts.count + 1) * sizeof *documents);
    for (size_t i = 0; i < texts.count; i++) {
        documents[i] = read_document(arena, texts.items[i]);
        if (!file_exists(documents[i].file) || file_is_directory(documents[i].file))
            return fail(err, ERROR_NOT_FOUND, "option '--openapi': no file '%s'",
                        documents[i].file);
        if (!is_name(documents[i].name))
            return fail(err, ERROR_INVALID,
                        "option '--openapi': '%s' is no name for a path: write NAME=FILE with "
                        "letters, digits, '-', '_' and '.'",
                        documents[i].name);
        for (size_t j = 0; j < i; j++)
            if (text_is(documents[i].name, documents[j].name))
                return fail(err, ERROR_INVALID,
                            "option '--openapi': two documents are named '%s': write NAME=FILE",
                            documents[i].name);
    }
    mock->documents = documents;
    mock->document_count = texts.count;
    return 0;
}

static int check_names(const char *const *names, size_t count, const struct mock_options *mock,
                       struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (text_is(names[i], names[j]))
                return fail(err, ERROR_INVALID, "provider '%s' is named twice", names[i]);
        for (size_t j = 0; j < mock->document_count; j++)
            if (text_is(names[i], mock->documents[j].name))
                return fail(err, ERROR_INVALID,
                            "'%s' is a provider and a document of --openapi: write NAME=FILE",
                            names[i]);
    }
    return 0;
}

static int read_providers(struct arena *arena, const struct options *options,
                          struct mock_options *mock, struct error *err)
{
    struct data_dirs dirs;
    struct texts names = options_operands(options);
    const char *const *items = names.items;
    if (read_documents(arena, options, mock, err))
        return -1;
    if (mock->document_count && !names.count)
        return 0; /* nothing else was asked for */
    if (data_dirs_find(arena, options_text(options, "contracts"), options_text(options, "fixtures"),
                       &dirs, err) ||
        data_dirs_check(arena, &dirs, names.items, names.count, err))
        return -1;
    if (check_names(names.items, names.count, mock, err))
        return -1;
    mock->finds_providers = !names.count;
    if (!names.count)
        items = data_dirs_providers(arena, &dirs, err);
    if (!items)
        return -1;
    mock->providers = items;
    while (items[mock->provider_count])
        mock->provider_count++;
    mock->contracts_dir = dirs.contracts;
    mock->fixtures_dir = dirs.fixtures;
    if (!mock->provider_count)
        return fail(err, ERROR_NOT_FOUND, "no provider in '%s' and '%s'", dirs.contracts,
                    dirs.fixtures);
    return 0;
}

int mock_settings_read(struct arena *arena, const struct options *options,
                       struct mock_settings *settings, struct error *err)
{
    struct mock_options *mock = &settings->mock;
    struct texts outcomes = options_all(options, "outcome");
    struct texts callbacks = options_all(options, "allow-callbacks");
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
    mock->callback_hosts = callbacks.items;
    mock->callback_host_count = callbacks.count;
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
    if (read_clock(options, &mock->clock, err) || read_providers(arena, options, mock, err) ||
        read_variants(arena, options, mock, err) || read_listening(arena, options, settings, err))
        return -1;
    return mock_tls_read(arena, options, settings, err);
}
