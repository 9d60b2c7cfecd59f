/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/body.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/expr/template.h"
#include "mock/rehearsal.h"

#include <inttypes.h>

enum { PRINTED_BYTES = 2000 }; /* most resources print to less */

/* ---- columns and links ---- */

static bool instant_value(const cJSON *value, struct column_value *out)
{
    nanos instant;
    if (!cJSON_IsString(value) || instant_parse(value->valuestring, true, &instant))
        return false;
    out->number = instant;
    return true;
}

bool column_value_from(const struct column *column, const cJSON *value, struct column_value *out)
{
    *out = (struct column_value){0};
    if (!value || cJSON_IsNull(value))
        return true;
    out->is_set = true;
    if (column->is_instant)
        return instant_value(value, out);
    switch (column->type) {
    case COLUMN_TEXT:
        if (!cJSON_IsString(value))
            return false;
        out->text = str_from(value->valuestring);
        return true;
    case COLUMN_REAL:
        if (!cJSON_IsNumber(value))
            return false;
        out->number = column_real(value->valuedouble);
        return true;
    case COLUMN_INTEGER:
        break;
    }
    if (cJSON_IsBool(value)) {
        out->number = cJSON_IsTrue(value);
        return true;
    }
    return tree_as_int64(value, &out->number);
}

/* `roots`: the members that places begin with. */
static const cJSON *value_at(const struct place_in_body *place, const cJSON *tree,
                             const cJSON *const *roots)
{
    if (!place->path)
        return NULL;
    return place->root < 0 ? tree : path_get_below(roots[place->root], place->path);
}

static void find_columns(struct play *play, const struct kind_play *kind, const cJSON *tree,
                         const cJSON *const *roots, struct resource_data *data)
{
    struct column_value *values =
        arena_alloc(play->arena, (kind->column_count + 1) * sizeof *values);
    const char *instant_text = NULL; /* a birth has one instant in several places: read once */
    nanos instant = 0;
    for (size_t i = 0; i < kind->column_count; i++) {
        const struct column *column = &kind->columns[i];
        const cJSON *value = value_at(&column->path, tree, roots);
        if (column->is_instant && instant_text && tree_text(value) == instant_text) {
            values[i] = (struct column_value){.is_set = true, .number = instant};
        } else if (!column_value_from(column, value, &values[i])) {
            values[i] = (struct column_value){0};
        } else if (column->is_instant && values[i].is_set) {
            instant_text = value->valuestring;
            instant = values[i].number;
        }
    }
    data->columns = values;
}

static void find_links(struct play *play, const struct kind_play *kind, const cJSON *tree,
                       const cJSON *const *roots, struct resource_data *data)
{
    const struct machine *machine = kind->kind->machine;
    const char **links = arena_alloc(play->arena, (machine->link_count + 1) * sizeof *links);
    for (size_t i = 0; i < machine->link_count; i++)
        links[i] = tree_text(value_at(&kind->links[i], tree, roots));
    data->links = links;
}

/* ---- writing ---- */

/* Hidden members, which are top-level ones, come last. The first of them, or NULL. */
static const cJSON *hidden_last(const struct kind *kind, cJSON *tree)
{
    const cJSON *first = NULL;
    for (size_t i = 0; i < kind->hidden_count; i++) {
        const cJSON *member = tree_move_last(tree, kind->hidden[i] + 1);
        first = first ? first : member;
    }
    return first;
}

static struct text *text_of(const struct strbuf *printed)
{
    return text_new(printed->buf, printed->len);
}

static void print(const struct kind *kind, cJSON *tree, struct resource_data *data)
{
    char room[PRINTED_BYTES];
    struct strbuf out = strbuf_over(room, sizeof room, LIMIT_DOCUMENT);
    const cJSON *hidden = hidden_last(kind, tree);
    if (cJSON_IsObject(tree))
        json_print_members(tree->child == hidden ? NULL : tree->child, hidden, &out);
    else
        json_print(tree, JSON_COMPACT, &out);
    data->view = text_of(&out);
    if (hidden) {
        strbuf_clear(&out);
        json_print_members(hidden, NULL, &out);
        data->hidden = text_of(&out);
    }
    strbuf_release(&out);
}

void body_put(struct play *play, cJSON *tree, const char *at, const char *member, cJSON *value)
{
    if (member && cJSON_IsObject(tree))
        tree_put(tree, member, value);
    else
        pointer_set(play->arena, tree, at, value, NULL);
}

static void compute(struct play *play, const struct kind *kind, cJSON *tree, bool at_write)
{
    struct env *outer = play_bind_self(play, kind, tree);
    for (size_t i = 0; i < kind->computed_count; i++) {
        const struct computed *computed = &kind->computed[i];
        if (computed->at_write != at_write)
            continue;
        cJSON *value = template_eval(computed->value, &play->eval);
        if (value)
            body_put(play, tree, computed->at, computed->member, value);
        else if (computed->member)
            tree_remove(tree, computed->member);
        else
            pointer_remove(tree, computed->at);
    }
    play->env = (struct env *)outer;
}

void body_data(struct play *play, const struct kind_play *kind, cJSON *tree,
               struct resource_data *data)
{
    if (kind->computes_at_write)
        compute(play, kind->kind, tree, true);
    const cJSON *roots[MEMBER_SET_MAX];
    member_set_find(&kind->roots, tree, roots);
    find_columns(play, kind, tree, roots, data);
    find_links(play, kind, tree, roots, data);
    print(kind->kind, tree, data);
}

void body_index(struct arena *arena, const struct kind_play *kind, const cJSON *tree,
                struct resource_data *data)
{
    struct play play = {.arena = arena};
    const cJSON *roots[MEMBER_SET_MAX];
    member_set_find(&kind->roots, tree, roots);
    find_columns(&play, kind, tree, roots, data);
    find_links(&play, kind, tree, roots, data);
}

void body_release(struct resource_data *data)
{
    text_unref(data->view);
    text_unref(data->hidden);
}

int body_write(struct play *play, struct resource *resource, cJSON *tree)
{
    struct resource_data data = {0};
    rehearsal_keep(play, resource);
    body_data(play, play_kind(play, resource), tree, &data);
    int failed = store_change(play->world->store, resource, &data, &play->err);
    body_release(&data);
    if (!failed)
        play_know(play, resource, tree);
    return failed;
}

/* ---- showing ---- */

static void show_unset(struct play *play, const struct kind_play *kind, cJSON *shown)
{
    for (size_t i = 0; i < kind->unset_count; i++)
        if (!tree_get(shown, kind->unset[i].name))
            tree_set(play->arena, shown, kind->unset[i].name, tree_null(play->arena));
}

/* What is shown and what is hidden: a view's own members may be made of either. */
static cJSON *with_hidden(struct play *play, struct resource *resource, const struct kind *kind,
                          const cJSON *shown)
{
    const cJSON *tree = play_tree(play, resource);
    cJSON *whole = tree_copy(play->arena, shown);
    for (size_t i = 0; i < kind->hidden_count; i++) {
        const cJSON *value = pointer_get(tree, kind->hidden[i]);
        if (value)
            pointer_set(play->arena, whole, kind->hidden[i], tree_copy(play->arena, value), NULL);
    }
    return whole;
}

static void apply_view(struct play *play, struct resource *resource, const struct view *view,
                       cJSON *shown)
{
    const struct kind *kind = play_kind(play, resource)->kind;
    for (size_t i = 0; i < view->omit_count; i++)
        pointer_remove(shown, view->omit[i]);
    struct env *outer = play->env;
    if (view->set.count)
        play_bind_self(play, kind, with_hidden(play, resource, kind, shown));
    for (size_t i = 0; i < view->set.count; i++) {
        cJSON *value = template_eval(view->set.items[i].value, &play->eval);
        if (value)
            pointer_set(play->arena, shown, view->set.items[i].at, value, NULL);
    }
    play->env = outer;
}

cJSON *body_show(struct play *play, struct resource *resource, const struct view *view)
{
    const struct kind_play *kind = play_kind(play, resource);
    cJSON *shown;
    if (kind->computes_at_read) {
        shown = tree_copy(play->arena, play_tree(play, resource));
        compute(play, kind->kind, shown, false);
        for (size_t i = 0; i < kind->kind->hidden_count; i++)
            pointer_remove(shown, kind->kind->hidden[i]);
    } else {
        shown = json_parse(play->arena, resource->view->bytes, resource->view->len, NULL, NULL);
    }
    if (kind->unset_count)
        show_unset(play, kind, shown);
    if (view)
        apply_view(play, resource, view, shown);
    return shown;
}

struct text *body_text(struct play *play, struct resource *resource, const struct view *view)
{
    if (play_kind(play, resource)->is_plain && !view)
        return text_ref(resource->view);
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    json_print(body_show(play, resource, view), JSON_COMPACT, &out);
    struct text *text = text_of(&out);
    strbuf_release(&out);
    return text;
}
