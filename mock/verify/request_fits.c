/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an entry of the journal is what somebody asks for; if not, why not. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "mock/verify/request_filter.h"

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

/*
 * `*` is any text of one segment, `**` any text. One row a character of the pattern, each telling
 * which beginnings of the path fit so far: no pattern costs more than its length times the path's.
 */
static bool path_fits(const char *pattern, struct str path, struct arena *arena)
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
static bool some_path_fits(const struct request_filter *filter, const struct journal_record *record)
{
    struct str path = request_path(record), inner = path;
    size_t len = record->provider ? strlen(record->provider) : 0;
    struct arena *arena = arena_new();
    bool fits = !filter->paths.count;
    if (len && path.len > len + 1 && memcmp(path.ptr + 1, record->provider, len) == 0 &&
        path.ptr[len + 1] == '/')
        inner = (struct str){path.ptr + len + 1, path.len - len - 1};
    for (size_t i = 0; i < filter->paths.count && !fits; i++)
        fits = path_fits(filter->paths.items[i], path, arena) ||
               (inner.ptr != path.ptr && path_fits(filter->paths.items[i], inner, arena));
    arena_free(arena);
    return fits;
}

/* ---- words ---- */

static bool is_one_of(const struct admin_names *names, const char *text)
{
    return !names->count || (text && admin_has_name(names, text));
}

static bool has_status(const struct request_filter *filter, int status)
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
static bool touches(const struct request_filter *filter, const struct journal_record *record)
{
    for (size_t i = 0; i < record->touched_count; i++)
        if (is_one_of(&filter->resources, record->touched[i].id) &&
            has_state(filter, &record->touched[i]))
            return true;
    return !filter->resources.count && !filter->states.count;
}

static bool has_side(const struct request_filter *filter, const struct journal_record *record)
{
    if (filter->side == SIDE_BOTH)
        return true;
    if (filter->side == SIDE_CAME || !record->callback)
        return filter->side == SIDE_CAME && !record->callback;
    return admin_has_name(&filter->callbacks, "*") ||
           is_one_of(&filter->callbacks, record->callback);
}

/* The journal has "name", or "name; what it did". */
static bool is_fault(const char *told, const char *name)
{
    size_t len = strlen(name);
    return strncmp(told, name, len) == 0 && (!told[len] || told[len] == ';');
}

static bool has_fault(const struct request_filter *filter, const struct journal_record *record)
{
    bool any = admin_has_name(&filter->faults, "*") && record->fault_count;
    for (size_t i = 0; i < record->fault_count && !any; i++)
        for (size_t j = 0; j < filter->faults.count && !any; j++)
            any = is_fault(record->faults[i], filter->faults.items[j]);
    return any || !filter->faults.count;
}

static bool is_late_enough(const struct request_filter *filter, const struct journal_record *record)
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

static cJSON *part_tree(const struct request_filter *filter, const struct wanted_part *part,
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
            fit = match_bound_test(parts[i]->match, part_tree(filter, parts[i], record, arena)) ==
                  TRUTH_TRUE;
    filter->eval->arena = before;
    arena_free(arena);
    return fit;
}

bool request_filter_fits(const struct journal_record *record, void *data)
{
    const struct request_filter *filter = data;
    return is_late_enough(filter, record) && has_side(filter, record) &&
           is_one_of(&filter->operations, record->operation) &&
           is_one_of(&filter->providers, record->provider) &&
           is_one_of(&filter->methods, record->method) && has_status(filter, record->status) &&
           (!filter->is_about_match || filter->is_unmatched == record->is_unmatched) &&
           has_fault(filter, record) && touches(filter, record) && some_path_fits(filter, record) &&
           parts_fit(filter, record);
}

/* ---- why not ---- */

static void add_names(struct strbuf *out, const struct admin_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        strbuf_addf(out, "%s%s", i ? " or " : "", names->items[i]);
}

static void add_statuses(struct strbuf *out, const struct request_filter *filter)
{
    for (size_t i = 0; i < filter->statuses.count; i++) {
        const struct wanted_status *status = &filter->statuses.items[i];
        strbuf_adds(out, i ? " or " : "");
        strbuf_addf(out, status->low == status->high ? "%d" : "%dxx",
                    status->low == status->high ? status->low : status->low / 100);
    }
}

static void add_states(struct strbuf *out, const struct request_filter *filter)
{
    for (size_t i = 0; i < filter->states.count; i++)
        strbuf_addf(out, "%s%s%s%s", i ? " or " : "",
                    filter->states.items[i].machine ? filter->states.items[i].machine : "",
                    filter->states.items[i].machine ? "=" : "", filter->states.items[i].state);
}

struct difference {
    struct arena *arena;
    cJSON *list;
    unsigned weight;
    struct strbuf text; /* of the one being told */
};

static void tell(struct difference *difference, unsigned weight)
{
    tree_append(difference->list,
                tree_string_n(difference->arena, difference->text.buf, difference->text.len));
    strbuf_clear(&difference->text);
    difference->weight += weight;
}

static void differ_in_name(struct difference *difference, const char *what, const char *is,
                           const struct admin_names *wanted, unsigned weight)
{
    if (is_one_of(wanted, is))
        return;
    strbuf_addf(&difference->text, "%s is %s, not ", what, is ? is : "none");
    add_names(&difference->text, wanted);
    tell(difference, weight);
}

static void differ_in_touched(struct difference *difference, const struct request_filter *filter,
                              const struct journal_record *record)
{
    struct strbuf *text = &difference->text;
    bool knows_it = false;
    if (touches(filter, record))
        return;
    for (size_t i = 0; i < record->touched_count; i++) {
        const struct journal_touched *touched = &record->touched[i];
        if (!is_one_of(&filter->resources, touched->id))
            continue;
        strbuf_addf(text, "%s%s %s is %s", knows_it ? ", " : "", touched->machine, touched->id,
                    touched->state);
        knows_it = true;
    }
    if (knows_it) {
        strbuf_adds(text, ", not ");
        add_states(text, filter);
        tell(difference, 1);
        return;
    }
    strbuf_adds(text, record->touched_count ? "it is about " : "it touched nothing, not ");
    for (size_t i = 0; i < record->touched_count; i++)
        strbuf_addf(text, "%s%s %s", i ? ", " : "", record->touched[i].machine,
                    record->touched[i].id);
    strbuf_adds(text, record->touched_count ? ", not " : "");
    add_names(text, &filter->resources);
    if (!filter->resources.count)
        add_states(text, filter);
    tell(difference, 1);
}

/* All that does not hold, a line each. */
static void differ_in_part(struct difference *difference, const struct request_filter *filter,
                           const struct wanted_part *part, const char *name,
                           const struct journal_record *record)
{
    const struct bound_match *all = part->match;
    cJSON *tree = all ? part_tree(filter, part, record, difference->arena) : NULL;
    for (size_t i = 0; all && i < all->count; i++) {
        const struct bound_test *test = &all->tests[i];
        const struct bound_match one = {test, 1, false, NULL, all->eval};
        if (match_bound_test(&one, tree) == TRUTH_TRUE)
            continue;
        strbuf_addf(&difference->text, "%s ", name);
        match_explain(&one, tree, &difference->text);
        tell(difference, 1);
    }
}

/* What was left out is only at the beginning of the path. */
static bool ends_so(const struct request_filter *filter, const struct journal_record *record)
{
    struct arena *arena = arena_new();
    bool fits = false;
    for (size_t i = 0; i < filter->paths.count && !fits; i++)
        fits = path_fits(arena_printf(arena, "**%s", filter->paths.items[i]), request_path(record),
                         arena);
    arena_free(arena);
    return fits;
}

static void differ_in_words(struct difference *difference, const struct request_filter *filter,
                            const struct journal_record *record)
{
    struct strbuf *text = &difference->text;
    differ_in_name(difference, "the provider", record->provider, &filter->providers, DIFFERENT);
    differ_in_name(difference, "the operation", record->operation, &filter->operations, DIFFERENT);
    differ_in_name(difference, "the method", record->method, &filter->methods, 4);
    if (!some_path_fits(filter, record)) {
        strbuf_adds(text, "the path is not ");
        add_names(text, &filter->paths);
        tell(difference, ends_so(filter, record) ? 2 : record->is_unmatched ? 4 : DIFFERENT);
    }
    if (!has_status(filter, record->status)) {
        strbuf_addf(text, "the status is %d, not ", record->status);
        add_statuses(text, filter);
        tell(difference, 1);
    }
    if (filter->is_about_match && filter->is_unmatched != record->is_unmatched) {
        strbuf_adds(text, record->is_unmatched ? "no operation fits it" : "an operation fits it");
        tell(difference, DIFFERENT);
    }
    if (!has_fault(filter, record)) {
        strbuf_adds(text, "the fault was not played on it: ");
        add_names(text, &filter->faults);
        tell(difference, 1);
    }
    if (!is_late_enough(filter, record)) {
        strbuf_adds(text, "it came before");
        tell(difference, 2);
    }
}

unsigned request_filter_differences(const struct request_filter *filter,
                                    const struct journal_record *record, struct arena *arena,
                                    cJSON *differences)
{
    struct difference difference = {arena, differences, 0, STRBUF_INIT(LIMIT_MESSAGE)};
    struct arena *before = filter->eval ? filter->eval->arena : NULL;
    if (!has_side(filter, record))
        return 2 * DIFFERENT;
    if (filter->eval)
        filter->eval->arena = arena;
    differ_in_words(&difference, filter, record);
    differ_in_touched(&difference, filter, record);
    differ_in_part(&difference, filter, &filter->headers, "headers", record);
    differ_in_part(&difference, filter, &filter->query, "query", record);
    differ_in_part(&difference, filter, &filter->body, "body", record);
    differ_in_part(&difference, filter, &filter->response, "response", record);
    strbuf_release(&difference.text);
    if (filter->eval)
        filter->eval->arena = before;
    return difference.weight;
}

/* ---- in words ---- */

static void add_word(struct strbuf *out, const char *word, const struct admin_names *names)
{
    if (!names->count)
        return;
    strbuf_addf(out, "%s%s%s", out->len ? ", " : "", word, *word ? " " : "");
    add_names(out, names);
}

static void add_part(struct strbuf *out, const char *word, const struct wanted_part *part,
                     struct arena *arena)
{
    enum { SHOWN = 100 };
    const char *text = part->written ? json_text(arena, part->written) : "";
    if (part->written)
        strbuf_addf(out, "%s%s %.*s%s", out->len ? ", " : "", word, SHOWN, text,
                    strlen(text) > SHOWN ? "..." : "");
}

void request_filter_describe(const struct request_filter *filter, struct strbuf *out)
{
    struct arena *arena = arena_new();
    add_word(out, "", &filter->operations);
    add_word(out, "", &filter->methods);
    if (filter->paths.count && filter->methods.count)
        strbuf_addch(out, ' ');
    if (filter->paths.count && filter->methods.count)
        add_names(out, &filter->paths);
    else
        add_word(out, "", &filter->paths);
    add_word(out, "callback", &filter->callbacks);
    if (!out->len)
        strbuf_adds(out, filter->is_about_match && filter->is_unmatched ? "a request that fits "
                                                                          "no operation"
                                                                        : "any request");
    add_word(out, "provider", &filter->providers);
    if (filter->statuses.count) {
        strbuf_adds(out, ", status ");
        add_statuses(out, filter);
    }
    if (filter->states.count) {
        strbuf_adds(out, ", state ");
        add_states(out, filter);
    }
    add_word(out, "resource", &filter->resources);
    add_word(out, "fault", &filter->faults);
    add_part(out, "headers", &filter->headers, arena);
    add_part(out, "query", &filter->query, arena);
    add_part(out, "body", &filter->body, arena);
    add_part(out, "response", &filter->response, arena);
    arena_free(arena);
}
