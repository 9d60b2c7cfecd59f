/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an entry of the journal is what somebody asks for. */
#include "mock/verify/request_fits.h"

#include "core/base/str.h"
#include "core/data/json.h"

#include <ctype.h>
#include <string.h>

/* ---- paths ---- */

struct str request_path(const struct journal_record *record)
{
    const char *target = record->target;
    struct str path = {target, strcspn(target, "?")};
    if (text_starts_with(target, "/~") || text_starts_with(target, "/%7E") ||
        text_starts_with(target, "/%7e")) {
        size_t len = 1 + strcspn(target + 1, "/?");
        path = (struct str){path.ptr + len, path.len - len};
    }
    return path.len ? path : STR_LITERAL("/");
}

/* One row a character of the pattern, each telling which beginnings of the path fit so far: no
 * pattern costs more than its length times the path's. */
bool fits_pattern(const char *pattern, struct str path, struct arena *arena)
{
    bool *fits = arena_alloc(arena, path.len + 1);
    fits[0] = true;
    for (; *pattern; pattern++) {
        bool is_star = *pattern == '*', is_any = is_star && pattern[1] == '*', before = false;
        for (size_t i = 0; i <= path.len; i++) {
            bool here = fits[i];
            if (is_star)
                fits[i] = here || (i && fits[i - 1] && (is_any || path.ptr[i - 1] != '/'));
            else
                fits[i] = i && before && path.ptr[i - 1] == *pattern;
            before = here;
        }
        pattern += is_any;
    }
    return fits[path.len];
}

/* As it was sent, or behind /PROVIDER: a client knows the service by either. */
bool fits_path(const struct request_filter *filter, const struct journal_record *record)
{
    struct str path = request_path(record), inner = path;
    size_t len = record->provider ? strlen(record->provider) : 0;
    struct arena *arena = arena_new();
    bool fits = !filter->paths.count;
    if (len && path.len > len + 1 && memcmp(path.ptr + 1, record->provider, len) == 0 &&
        path.ptr[len + 1] == '/')
        inner = (struct str){path.ptr + len + 1, path.len - len - 1};
    for (size_t i = 0; i < filter->paths.count && !fits; i++)
        fits = fits_pattern(filter->paths.items[i], path, arena) ||
               (inner.ptr != path.ptr && fits_pattern(filter->paths.items[i], inner, arena));
    arena_free(arena);
    return fits;
}

/* ---- words ---- */

bool fits_name(const struct admin_names *names, const char *text)
{
    return !names->count || (text && admin_has_name(names, text));
}

bool fits_status(const struct request_filter *filter, int status)
{
    for (size_t i = 0; i < filter->statuses.count; i++)
        if (status >= filter->statuses.items[i].low && status <= filter->statuses.items[i].high)
            return true;
    return !filter->statuses.count;
}

static bool has_state(const struct request_filter *filter, const struct journal_touched *touched)
{
    for (size_t i = 0; i < filter->states.count; i++) {
        const struct wanted_state *wanted = &filter->states.items[i];
        if (text_is(wanted->state, touched->state) &&
            (!wanted->machine || text_is(wanted->machine, touched->machine)))
            return true;
    }
    return !filter->states.count;
}

/* The resource and its state must be those of one that was touched. */
bool fits_touched(const struct request_filter *filter, const struct journal_record *record)
{
    for (size_t i = 0; i < record->touched_count; i++)
        if (fits_name(&filter->resources, record->touched[i].id) &&
            has_state(filter, &record->touched[i]))
            return true;
    return !filter->resources.count && !filter->states.count;
}

bool fits_side(const struct request_filter *filter, const struct journal_record *record)
{
    if (filter->side == SIDE_BOTH)
        return true;
    if (filter->side == SIDE_CAME || !record->callback)
        return filter->side == SIDE_CAME && !record->callback;
    return admin_has_name(&filter->callbacks, "*") ||
           fits_name(&filter->callbacks, record->callback);
}

/* The journal has "name", or "name; what it did". */
static bool is_fault(const char *told, const char *name)
{
    size_t len = strlen(name);
    return strncmp(told, name, len) == 0 && (!told[len] || told[len] == ';');
}

bool fits_fault(const struct request_filter *filter, const struct journal_record *record)
{
    bool any = admin_has_name(&filter->faults, "*") && record->fault_count;
    for (size_t i = 0; i < record->fault_count && !any; i++)
        for (size_t j = 0; j < filter->faults.count && !any; j++)
            any = is_fault(record->faults[i], filter->faults.items[j]);
    return any || !filter->faults.count;
}

bool fits_time(const struct request_filter *filter, const struct journal_record *record)
{
    return record->number > filter->after &&
           (!filter->has_since || record->world_time >= filter->since);
}

/* ---- parts ---- */

/* Names in lower case; a header that came often is one text, as RFC 9110 section 5.3 joins it. */
static cJSON *header_tree(struct arena *arena, const char *lines)
{
    cJSON *tree = tree_object(arena);
    for (const char *at = lines ? lines : ""; *at;) {
        size_t len = strcspn(at, "\n"), name_len = strcspn(at, ":");
        if (name_len < len) {
            char *name = arena_strndup(arena, at, name_len);
            for (char *c = name; *c; c++)
                *c = (char)tolower((unsigned char)*c);
            const char *value = at + name_len + 1 + (at[name_len + 1] == ' ');
            const char *text = arena_strndup(arena, value, (size_t)(at + len - value));
            const char *before = tree_get_text(tree, name);
            tree_set_string(arena, tree, name,
                            before ? arena_printf(arena, "%s, %s", before, text) : text);
        }
        at += len + (at[len] == '\n');
    }
    return tree;
}

/* A parameter that came often is a list of texts. */
static cJSON *query_tree(struct arena *arena, const char *target)
{
    cJSON *tree = tree_object(arena);
    const char *mark = strchr(target, '?');
    struct url_pairs pairs = {0};
    struct str bad;
    if (mark && url_split_query(arena, mark + 1, &pairs, &bad))
        return tree;
    for (size_t i = 0; i < pairs.count; i++) {
        const struct url_pair *pair = &pairs.items[i];
        const char *name = arena_strndup(arena, pair->name.ptr, pair->name.len);
        cJSON *value = tree_string_n(arena, pair->value.ptr, pair->value.len);
        const cJSON *before = tree_get(tree, name);
        cJSON *list = cJSON_IsArray(before) ? tree_copy(arena, before) : tree_array(arena);
        if (before && !cJSON_IsArray(before))
            tree_append(list, tree_copy(arena, before));
        if (before)
            tree_append(list, value);
        tree_set(arena, tree, name, before ? list : value);
    }
    return tree;
}

/* JSON where it is some, else a text; NULL: there is none. */
static cJSON *body_tree(struct arena *arena, const struct text *text)
{
    struct error err;
    if (!text)
        return NULL;
    cJSON *tree = json_parse(arena, text->bytes, text->len, NULL, &err);
    return tree ? tree : tree_string_n(arena, text->bytes, text->len);
}

cJSON *fits_part_tree(const struct request_filter *filter, const struct wanted_part *part,
                      const struct journal_record *record, struct arena *arena)
{
    if (part == &filter->headers)
        return header_tree(arena, record->request_headers);
    if (part == &filter->query)
        return query_tree(arena, record->target);
    return body_tree(arena, part == &filter->body ? record->request_body : record->response_body);
}

/* With a memory of its own: a pass over a full journal parses all of its bodies. */
static bool parts_fit(const struct request_filter *filter, const struct journal_record *record)
{
    const struct wanted_part *parts[] = {&filter->headers, &filter->query, &filter->body,
                                         &filter->response};
    bool fit = true;
    if (!filter->eval)
        return true;
    struct arena *before = filter->eval->arena, *arena = arena_new();
    filter->eval->arena = arena;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && fit; i++)
        if (parts[i]->match)
            fit = match_bound_test(parts[i]->match,
                                   fits_part_tree(filter, parts[i], record, arena)) == TRUTH_TRUE;
    filter->eval->arena = before;
    arena_free(arena);
    return fit;
}

bool request_filter_fits(const struct journal_record *record, void *data)
{
    const struct request_filter *filter = data;
    return fits_time(filter, record) && fits_side(filter, record) &&
           fits_name(&filter->operations, record->operation) &&
           fits_name(&filter->providers, record->provider) &&
           fits_name(&filter->methods, record->method) && fits_status(filter, record->status) &&
           (!filter->is_about_match || filter->is_unmatched == record->is_unmatched) &&
           fits_fault(filter, record) && fits_touched(filter, record) &&
           fits_path(filter, record) && parts_fit(filter, record);
}
