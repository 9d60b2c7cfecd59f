/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/tape/find.h"

#include "core/contract/router.h"

#include <stdlib.h>

struct finding_services {
    struct arena *arena;
    struct tape_services candidates; /* `target->router` is shared by those of one provider */
    struct target *routed;           /* one each provider */
    size_t provider_count;
};

/* "http://host" of a URL; 0 when there is none. */
static size_t origin_length(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

static struct tape_path split_path(const char *rest)
{
    struct tape_path path = {.path = {rest, strcspn(rest, "?#")}};
    const char *query = rest + path.path.len;
    if (*query == '?')
        path.query = (struct str){query + 1, strcspn(query + 1, "#")};
    return path;
}

/* It begins so, and a segment ends there. */
static bool is_under(const char *url, const char *base, size_t len)
{
    return strncmp(url, base, len) == 0 && strchr("/?#", url[len]);
}

static bool is_ours(const struct target *target, const struct har_entry *entry,
                    const struct tape_path *path)
{
    struct route_match match;
    return path->path.len && router_match(target->router, entry->method, path->path, &match);
}

/* ---- without prefixes ---- */

static void count_candidate(struct finding_services *finding, const struct target *routed,
                            const char *url, size_t base_len)
{
    struct tape_service *candidate, made = {.count = 1};
    vec_foreach (candidate, &finding->candidates)
        if (candidate->target->provider == routed->provider &&
            strlen(candidate->target->base) == base_len &&
            strncmp(candidate->target->base, url, base_len) == 0) {
            candidate->count++;
            return;
        }
    struct target *target = arena_copy(finding->arena, routed, sizeof *routed);
    target->base = arena_strndup(finding->arena, url, base_len);
    made.target = target;
    vec_push_arena(finding->arena, &finding->candidates, made);
}

static void count_entry(struct finding_services *finding, const struct har_entry *entry)
{
    size_t origin = origin_length(entry->url);
    struct tape_path path = split_path(entry->url + origin);
    for (size_t i = 0; origin && i < path.path.len; i++) {
        if (path.path.ptr[i] != '/')
            continue;
        struct tape_path rest = {.path = {path.path.ptr + i, path.path.len - i}};
        for (size_t j = 0; j < finding->provider_count; j++)
            if (is_ours(&finding->routed[j], entry, &rest))
                count_candidate(finding, &finding->routed[j], entry->url, origin + i);
    }
}

/* Most entries first; of equals the shorter base, which is the one that takes more of the path. */
static int compare_services(const void *a, const void *b)
{
    const struct tape_service *one = a, *other = b;
    size_t one_len = strlen(one->target->base), other_len = strlen(other->target->base);
    if (one->count != other->count)
        return one->count < other->count ? 1 : -1;
    if (one_len != other_len)
        return one_len > other_len ? 1 : -1;
    return strcmp(one->target->base, other->target->base);
}

/* Two services are never one inside the other: what explains less is chance. */
static bool is_free(const struct tape_services *chosen, const char *base)
{
    const struct tape_service *service;
    vec_foreach (service, chosen) {
        const char *other = service->target->base;
        size_t len = strlen(base) < strlen(other) ? strlen(base) : strlen(other);
        if (strncmp(base, other, len) == 0 && strchr("/", base[len]) && strchr("/", other[len]))
            return false;
    }
    return true;
}

static struct tape_services choose(struct finding_services *finding)
{
    struct tape_services chosen = {0};
    const struct tape_service *candidate;
    if (finding->candidates.count)
        qsort(finding->candidates.items, finding->candidates.count,
              sizeof *finding->candidates.items, compare_services);
    vec_foreach (candidate, &finding->candidates)
        if (is_free(&chosen, candidate->target->base))
            vec_push_arena(finding->arena, &chosen, *candidate);
    return chosen;
}

/* ---- with prefixes ---- */

static const struct target *target_named(const struct finding_services *finding, struct str name)
{
    for (size_t i = 0; i < finding->provider_count; i++)
        if (str_is(name, finding->routed[i].provider->name))
            return &finding->routed[i];
    return NULL;
}

static struct tape_services read_prefixes(struct finding_services *finding,
                                          const struct tape_options *options)
{
    struct tape_services services = {0};
    for (size_t i = 0; i < options->prefix_count; i++) {
        const char *text = options->prefixes[i], *equals = strchr(text, '=');
        bool is_named = equals && equals < strstr(text, "://");
        const struct target *routed =
            is_named ? target_named(finding, (struct str){text, (size_t)(equals - text)})
                     : finding->routed;
        const char *url = is_named ? equals + 1 : text;
        size_t len = strlen(url);
        if (!routed)
            continue; /* of a provider that is not judged */
        while (len && url[len - 1] == '/')
            len--;
        struct target *target = arena_copy(finding->arena, routed, sizeof *routed);
        struct tape_service service = {.target = target};
        target->base = arena_strndup(finding->arena, url, len);
        vec_push_arena(finding->arena, &services, service);
    }
    return services;
}

struct tape_services tape_find(struct arena *arena, const struct har *har,
                               const struct tape_options *options)
{
    struct finding_services finding = {.arena = arena, .provider_count = options->provider_count};
    const struct har_entry *entry;
    finding.routed = arena_alloc(arena, (options->provider_count + 1) * sizeof *finding.routed);
    for (size_t i = 0; i < options->provider_count; i++)
        target_of_tape(arena, "", options->providers[i], &finding.routed[i]);
    if (options->prefix_count)
        return read_prefixes(&finding, options);
    vec_foreach (entry, &har->entries)
        count_entry(&finding, entry);
    return choose(&finding);
}

const struct tape_service *tape_whose(const struct tape_services *services,
                                      const struct har_entry *entry, struct tape_path *path)
{
    const struct tape_service *service, *best = NULL;
    size_t longest = 0;
    vec_foreach (service, services) {
        size_t len = strlen(service->target->base);
        if (len < longest || !is_under(entry->url, service->target->base, len))
            continue;
        best = service;
        longest = len;
    }
    if (best)
        *path = split_path(entry->url + longest);
    return best && is_ours(best->target, entry, path) ? best : NULL;
}
