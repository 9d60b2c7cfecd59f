/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exec_environment.h"

#include "cli/mock_start.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/load.h"
#include "core/lifecycle/formats.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

struct variable {
    const char *name;
    const char *value; /* NULL: it is taken out */
    const char *owner; /* the provider whose clients read it; NULL: ours */
};

struct builder {
    struct arena *arena;
    const struct mock *mock;
    const struct mock_settings *settings;
    struct texts kept;
    struct findings *findings;
    char origin[256];
    struct {
        VEC(struct variable);
    } variables;
    struct strbuf replaced, removed; /* names of secrets that the user had set */
};

static bool is_kept(const struct builder *builder, const char *name)
{
    for (size_t i = 0; i < builder->kept.count; i++)
        if (text_is(builder->kept.items[i], name))
            return true;
    return false;
}

static struct variable *find(const struct builder *builder, struct str name)
{
    struct variable *variable;
    vec_foreach (variable, &builder->variables)
        if (str_is(name, variable->name))
            return variable;
    return NULL;
}

/* The first who asks for a name gets it. */
static void set(struct builder *builder, const char *name, const char *value, const char *owner)
{
    const struct variable *other = find(builder, str_from(name));
    if (is_kept(builder, name))
        return;
    if (!other) {
        struct variable variable = {name, value, owner};
        vec_push_arena(builder->arena, &builder->variables, variable);
    } else if (!text_is(other->value, value)) {
        log_line(LEVEL_WARNING, "exec: %s is read by clients of '%s' and '%s': it leads to '%s'",
                 name, other->owner ? other->owner : "dryrun", owner ? owner : "dryrun",
                 other->owner ? other->owner : "dryrun");
    }
}

/* ---- what is the same for all services ---- */

/* DRYRUN_SOME_NAME_URL of "some-name". */
static const char *url_variable(struct arena *arena, const char *provider)
{
    char *name = arena_printf(arena, "DRYRUN_%s_URL", provider);
    for (char *at = name; *at; at++)
        *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
    return name;
}

static const char *base_of(const struct builder *builder, const char *provider)
{
    return arena_printf(builder->arena, "%s/%s", builder->origin, provider);
}

static void set_addresses(struct builder *builder)
{
    const struct mock *mock = builder->mock;
    const struct mock_settings *settings = builder->settings;
    set(builder, "DRYRUN_URL", arena_strdup(builder->arena, builder->origin), NULL);
    set(builder, "DRYRUN_ADMIN_URL", arena_printf(builder->arena, "%s/__admin", builder->origin),
        NULL);
    for (size_t i = 0; i < mock->played_count; i++) {
        const char *name = mock->played[i]->provider->name;
        set(builder, url_variable(builder->arena, name), base_of(builder, name), name);
    }
    if (settings->mock.admin_token)
        set(builder, "DRYRUN_ADMIN_TOKEN", settings->mock.admin_token, NULL);
    if (settings->mock.http.cert_file)
        set(builder, "DRYRUN_CERTIFICATE", settings->mock.http.cert_file, NULL);
}

/* A proxy is of no use on the way to this machine; clients ask in either spelling. */
static void set_no_proxy(struct builder *builder)
{
    static const char ours[] = "127.0.0.1,localhost,::1";
    const char *lower = getenv("no_proxy"), *upper = getenv("NO_PROXY");
    const char *had = lower && *lower ? lower : upper && *upper ? upper : NULL;
    const char *value = had ? arena_printf(builder->arena, "%s,%s", had, ours) : ours;
    set(builder, "no_proxy", value, NULL);
    set(builder, "NO_PROXY", value, NULL);
}

static const char *bundle_of(struct arena *arena, const char *cert)
{
    return arena_printf(arena, "%s.bundle", cert);
}

/*
 * A certificate that was made is trusted by what the command runs: one kind of client adds a file
 * to what it trusts, the others read one file instead, so that holds the system's, too.
 */
static int set_trust(struct builder *builder, struct error *err)
{
    static const char *const instead[] = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
    static const char system_file[] = "/etc/ssl/certs/ca-certificates.crt";
    const char *cert = builder->settings->mock.http.cert_file;
    struct strbuf all = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len;
    if (!builder->settings->made_certificate)
        return 0;
    const char *had = getenv(instead[0]);
    had = had && *had ? had : system_file;
    const char *text =
        file_exists(had) ? file_read(builder->arena, had, LIMIT_DOCUMENT, &len, NULL) : NULL;
    const char *made = file_read(builder->arena, cert, LIMIT_DOCUMENT, &len, err);
    strbuf_addf(&all, "%s\n%s", text ? text : "", made ? made : "");
    const char *bundle = bundle_of(builder->arena, cert);
    int failed = !made || file_write(bundle, all.buf, all.len, err);
    strbuf_release(&all);
    if (failed)
        return -1;
    set(builder, "NODE_EXTRA_CA_CERTS", cert, NULL);
    for (size_t i = 0; i < sizeof instead / sizeof *instead; i++)
        set(builder, instead[i], bundle, NULL);
    return 0;
}

/* ---- what clients of a service read ---- */

/* {origin}, {host} and {base} stand for addresses; other braces for themselves. */
static const char *fill(const struct builder *builder, const char *text, const char *provider)
{
    const char *base = base_of(builder, provider);
    const struct {
        const char *name, *value;
    } names[] = {{"{base}", base},
                 {"{origin}", builder->origin},
                 {"{host}", strstr(builder->origin, "://") + strlen("://")}};
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    while (*text) {
        size_t i = 0, count = sizeof names / sizeof *names;
        while (i < count && !text_starts_with(text, names[i].name))
            i++;
        strbuf_add(&out, i < count ? names[i].value : text, i < count ? strlen(names[i].value) : 1);
        text += i < count ? strlen(names[i].name) : 1;
    }
    const char *filled = arena_strndup(builder->arena, out.buf, out.len);
    strbuf_release(&out);
    return filled;
}

/* A mock must never be handed a real credential: whoever had set one is told. */
static void set_secret(struct builder *builder, const char *name, const char *value,
                       const char *provider)
{
    const char *had = getenv(name);
    if (had && *had && !text_is(had, value) && !is_kept(builder, name) &&
        !find(builder, str_from(name))) {
        struct strbuf *names = value ? &builder->replaced : &builder->removed;
        strbuf_addf(names, "%s%s", names->len ? ", " : "", name);
    }
    set(builder, name, value, provider);
}

static void set_client(struct builder *builder, const cJSON *member, const char *provider)
{
    const cJSON *secret = tree_get(member, "secret"), *unset = tree_get(member, "unless_set");
    if (secret)
        set_secret(builder, member->string, tree_text(secret), provider);
    else if (!unset)
        set(builder, member->string, fill(builder, tree_text(member), provider), provider);
    else if (!getenv(member->string))
        set(builder, member->string, fill(builder, tree_text(unset), provider), provider);
}

static void read_clients(struct builder *builder, const char *provider)
{
    struct arena *arena = builder->arena;
    const char *folder = file_join(arena, builder->settings->mock.contracts_dir, provider);
    const char *path = file_join(arena, folder, "clients.yaml");
    const cJSON *document, *member;
    if (!file_exists(path))
        return;
    document = load_document(arena, path, builder->findings);
    if (!document || !format_check(arena, "clients", document, builder->findings))
        return;
    cJSON_ArrayForEach (member, tree_get(document, "environment"))
        set_client(builder, member, provider);
}

static void tell_secrets(struct builder *builder)
{
    const char *both = builder->replaced.len && builder->removed.len ? "; " : "";
    if (builder->replaced.len || builder->removed.len)
        log_line(LEVEL_WARNING,
                 "exec: the mock gets no real credential: %s%s%s%s%s (--keep-env NAME leaves one)",
                 builder->replaced.buf, builder->replaced.len ? " replaced by a placeholder" : "",
                 both, builder->removed.buf, builder->removed.len ? " taken away" : "");
    strbuf_release(&builder->replaced);
    strbuf_release(&builder->removed);
}

/* ---- the whole ---- */

static char **put_together(const struct builder *builder)
{
    struct {
        VEC(char *);
    } all = {0};
    const struct variable *variable;
    for (char **at = environ; at && *at; at++) {
        struct str name = {*at, strcspn(*at, "=")};
        if (!find(builder, name))
            vec_push_arena(builder->arena, &all, *at);
    }
    vec_foreach (variable, &builder->variables)
        if (variable->value)
            vec_push_arena(builder->arena, &all,
                           arena_printf(builder->arena, "%s=%s", variable->name, variable->value));
    vec_push_arena(builder->arena, &all, NULL);
    return all.items;
}

char **exec_environment(struct arena *arena, const struct mock *mock,
                        const struct mock_settings *settings, struct texts kept,
                        struct findings *findings, struct error *err)
{
    struct builder builder = {.arena = arena,
                              .mock = mock,
                              .settings = settings,
                              .kept = kept,
                              .findings = findings,
                              .replaced = STRBUF_INIT(LIMIT_MESSAGE),
                              .removed = STRBUF_INIT(LIMIT_MESSAGE)};
    size_t errors = findings->errors;
    mock_origin(mock, settings, builder.origin, sizeof builder.origin);
    set_addresses(&builder);
    set_no_proxy(&builder);
    int failed = set_trust(&builder, err);
    for (size_t i = 0; i < settings->mock.provider_count; i++)
        read_clients(&builder, settings->mock.providers[i]);
    tell_secrets(&builder);
    if (!failed && findings->errors > errors)
        failed = fail(err, ERROR_INVALID, "the clients' documents have errors");
    return failed ? NULL : put_together(&builder);
}

void exec_environment_clean(struct arena *arena, const struct mock_settings *settings)
{
    if (settings->made_certificate)
        unlink(bundle_of(arena, settings->mock.http.cert_file));
}
