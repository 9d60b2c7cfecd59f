/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever shows no credential is not let in, where the contract says so. */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "runner/monitor/parts.h"

#include <string.h>
#include <strings.h>

static const char *header_sent(const struct seen *seen, const char *name)
{
    const cJSON *header;

    cJSON_ArrayForEach (header, seen->header)
        if (text_is_any_case(header->string, name))
            return tree_text(header);
    return NULL;
}

/* Something of the kind that the document names; whether it is a good one, nobody knows. */
static bool is_sent(const struct seen *seen, const struct security_scheme *scheme)
{
    const char *header = header_sent(seen, "Authorization");
    size_t len;

    if (text_is(scheme->type, "http")) {
        len = scheme->scheme ? strlen(scheme->scheme) : 0;
        return header && len && strncasecmp(header, scheme->scheme, len) == 0 && header[len] == ' ';
    }
    if (!text_is(scheme->type, "apiKey"))
        return true;
    if (scheme->in == IN_HEADER)
        return header_sent(seen, scheme->parameter_name) != NULL;
    return scheme->in != IN_QUERY || tree_get(seen->query, scheme->parameter_name);
}

/* What the document asks for and was not sent; NULL. */
static const char *missing_need(const struct seen *seen)
{
    const struct operation *operation = seen->operation->operation;
    const struct security_requirement *requirement;
    const struct security_need *need;
    const char *missing = NULL;

    if (operation->anonymous)
        return NULL;
    vec_foreach (requirement, &operation->security) {
        const char *lacks = NULL;

        vec_foreach (need, requirement)
            if (!lacks && !is_sent(seen, need->scheme))
                lacks = need->scheme->name;
        if (!lacks)
            return NULL;
        missing = missing ? missing : lacks;
    }
    return missing;
}

/* A rule says so, or something may be wrong with what was sent, or 401 may mean somebody else's
 * credential (a model's that is asked): the catalogue has several then. */
static bool may_be_shut_out(struct looking *looking)
{
    const struct provider_operation *operation = looking->seen->operation;
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;
    size_t count = 0;

    for (size_t i = 0; i < lifecycle->refusal_count; i++)
        count += lifecycle->refusals[i].status == 401;
    if (count > 1)
        return true;
    for (size_t i = 0; i < operation->rule_count; i++)
        if (operation->rules[i]->row.error && operation->rules[i]->row.error->status == 401)
            return true;
    return missing_need(looking->seen) != NULL;
}

/* A session of our mock takes any credential of the right kind. */
static void see_shut_out(struct looking *looking)
{
    const struct credentials_rule *rule = &looking->monitor->provider->lifecycle->credentials;
    struct breach breach = {.rule = "auth", .place = rule->place, .source = SOURCE_SPEC};

    if (!looking->monitor->is_alone || looking->seen->is_doubtful || may_be_shut_out(looking))
        return;
    if (!breach.place.file)
        breach.place = tree_place(looking->seen->operation->operation->node);
    say_breach(looking, &breach, "%s answered 401, but no credential is wanting (%s)",
               looking->seen->operation->name, place_text(looking->arena, breach.place));
}

bool see_credential(struct looking *looking)
{
    const struct credentials_rule *rule = &looking->monitor->provider->lifecycle->credentials;
    struct breach breach = {.rule = "auth", .place = rule->place, .source = rule->source};
    int status = looking->answer.status;
    const char *missing;

    if (status == 401)
        see_shut_out(looking);
    if (!rule->required || status == 401 || status == 403 || status == 429 || status >= 500 ||
        (status >= 400 && !rule->first) || looking->seen->is_doubtful)
        return true;
    missing = missing_need(looking->seen);
    if (!missing)
        return true;
    say_breach(looking, &breach, "%s answered %d without the credential that it needs (%s)",
               looking->seen->operation->name, status, missing);
    return false;
}
