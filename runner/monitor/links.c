/* SPDX-License-Identifier: Apache-2.0 */
/* Links that answers hand out: they work until they expire, and no longer. */
#include "core/base/str.h"
#include "core/data/pointer.h"
#include "runner/monitor/parts.h"

#include <string.h>

struct handed_out {
    const struct download_rule *rule;
    const struct seen *by;
    nanos expires; /* 0 = nobody said */
};

static const char *path_of(struct arena *arena, const char *url)
{
    return arena_strndup(arena, url, strcspn(url, "?"));
}

static void note_link(struct looking *looking, const struct download_rule *rule, const char *url,
                      nanos expires)
{
    struct monitor *monitor = looking->monitor;
    struct handed_out *link = arena_alloc(monitor->arena, sizeof *link);

    *link = (struct handed_out){rule, looking->seen, expires};
    memory_hold(looking->seen->memory);
    map_put(monitor->links, url, link);
    if (rule->is_signed)
        map_put(monitor->paths, path_of(looking->arena, url), link);
}

static void note_header(struct looking *looking, const struct download_rule *rule)
{
    const char *url = header_find(&looking->seen->response->headers, rule->header);
    struct breach breach = {.rule = "link", .place = rule->place, .source = rule->source};

    if (!url && looking->answer.status >= 300 && !looking->seen->is_doubtful)
        say_breach(looking, &breach, "%s answered %d without the header %s, which has the link",
                   looking->seen->operation->name, looking->answer.status, rule->header);
    if (url)
        note_link(looking, rule, url, rule->lives ? looking->seen->answered_at + rule->lives : 0);
}

static void note_values(struct looking *looking, const struct download_rule *rule)
{
    const struct observed *observed;

    vec_foreach (observed, &looking->seen->observed) {
        const char *url, *expires;
        nanos at = 0;

        if (!text_is(observed->schema, rule->schema))
            continue;
        url = tree_text(pointer_get(observed->value, rule->at));
        expires = rule->expires ? tree_text(pointer_get(observed->value, rule->expires)) : NULL;
        if (expires && instant_parse(expires, true, &at) != 0)
            at = 0;
        if (!rule->expires && rule->lives)
            at = looking->seen->answered_at + rule->lives;
        if (url)
            note_link(looking, rule, url, at);
    }
}

void note_links(struct looking *looking)
{
    const struct lifecycle *lifecycle = looking->monitor->provider->lifecycle;

    for (size_t i = 0; i < lifecycle->download_count; i++) {
        const struct download_rule *rule = &lifecycle->downloads[i];

        if (rule->header && text_is(rule->operation, looking->seen->operation->name))
            note_header(looking, rule);
        if (rule->schema && rule->at)
            note_values(looking, rule);
    }
}

/* Its query was changed: then it is no link that anybody gave. */
static bool see_changed_link(struct looking *looking)
{
    const struct handed_out *link =
        map_get(looking->monitor->paths, path_of(looking->arena, looking->seen->url));
    struct breach breach = {.rule = "link"};

    if (!link || looking->seen->operation)
        return false;
    breach.place = link->rule->place;
    breach.source = link->rule->source;
    breach.first = link->by;
    if (looking->answer.status < 400)
        say_breach(looking, &breach,
                   "%s answered %d to a link whose query is not that which %s (exchange %llu) gave",
                   looking->seen->method, looking->answer.status, link->by->operation->name,
                   (unsigned long long)link->by->number);
    return true;
}

bool see_link(struct looking *looking)
{
    const struct handed_out *link = map_get(looking->monitor->links, looking->seen->url);
    int status = looking->answer.status;
    struct breach breach = {.rule = "link"};

    if (!link)
        return map_count(looking->monitor->paths) && see_changed_link(looking);
    breach.place = link->rule->place;
    breach.source = link->rule->source;
    breach.first = link->by;
    if (status < 400 && link->expires && looking->seen->sent_at >= link->expires)
        say_breach(looking, &breach,
                   "%s answered %d to the link of %s (exchange %llu), which expired %.0f s before",
                   looking->seen->method, status, link->by->operation->name,
                   (unsigned long long)link->by->number,
                   (double)(looking->seen->sent_at - link->expires) / (double)NANOS_PER_SECOND);
    if (status >= 400 && status < 429 && link->expires &&
        looking->seen->answered_at < link->expires)
        say_breach(looking, &breach,
                   "%s answered %d to the link of %s (exchange %llu), which works for %.0f s more",
                   looking->seen->method, status, link->by->operation->name,
                   (unsigned long long)link->by->number,
                   (double)(link->expires - looking->seen->answered_at) / (double)NANOS_PER_SECOND);
    return true;
}
