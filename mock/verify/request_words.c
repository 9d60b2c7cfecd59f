/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody asks for, in words; and in what an entry of the journal differs from it. */
#include "core/data/json.h"
#include "mock/verify/request_fits.h"

#include <string.h>

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
    if (fits_name(wanted, is))
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
    if (fits_touched(filter, record))
        return;
    for (size_t i = 0; i < record->touched_count; i++) {
        const struct journal_touched *touched = &record->touched[i];
        if (!fits_name(&filter->resources, touched->id))
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
    cJSON *tree = all ? fits_part_tree(filter, part, record, difference->arena) : NULL;
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
        fits = fits_pattern(arena_printf(arena, "**%s", filter->paths.items[i]),
                            request_path(record), arena);
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
    if (!fits_path(filter, record)) {
        strbuf_adds(text, "the path is not ");
        add_names(text, &filter->paths);
        tell(difference, ends_so(filter, record) ? 2 : record->is_unmatched ? 4 : DIFFERENT);
    }
    if (!fits_status(filter, record->status)) {
        strbuf_addf(text, "the status is %d, not ", record->status);
        add_statuses(text, filter);
        tell(difference, 1);
    }
    if (filter->is_about_match && filter->is_unmatched != record->is_unmatched) {
        strbuf_adds(text, record->is_unmatched ? "no operation fits it" : "an operation fits it");
        tell(difference, DIFFERENT);
    }
    if (!fits_fault(filter, record)) {
        strbuf_adds(text, "the fault was not played on it: ");
        add_names(text, &filter->faults);
        tell(difference, 1);
    }
    if (!fits_time(filter, record)) {
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
    if (!fits_side(filter, record))
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
