/* SPDX-License-Identifier: Apache-2.0 */
/* What an operation answers: reply, list, bytes, stream, wait, or rows of these. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <string.h>

static const struct view *find_view(struct builder *builder, const struct kind *kind,
                                    const cJSON *node)
{
    const char **names;
    size_t i;

    if (!tree_text(node) || !kind)
        return NULL;
    names = arena_alloc(builder->arena, (kind->view_count + 1) * sizeof *names);
    for (i = 0; i < kind->view_count; i++)
        names[i] = kind->views[i].name;
    if (!kind_view(kind, tree_text(node)))
        loader_unknown(&builder->loader, node, "view", tree_text(node), names, kind->view_count);
    return kind_view(kind, tree_text(node));
}

static struct sort build_sort(struct builder *builder, const cJSON *node)
{
    struct sort sort = {.ties_descending = text_is(tree_get_text(node, "ties"), "desc")};
    struct {
        VEC(struct sort_key);
    } keys = {0};
    const cJSON *item, *by = tree_get(node, "by");
    bool known = false;

    cJSON_ArrayForEach (item, tree_get(node, "keys")) {
        struct sort_key key = {item->string,
                               tree_text(item) ? tree_text(item) : tree_get_text(item, "at"),
                               text_is(tree_get_text(item, "absent"), "first")};

        vec_push_arena(builder->arena, &keys, key);
        known = known || text_is(tree_text(by), key.name);
    }
    sort.keys = keys.items;
    sort.key_count = keys.count;
    sort.by = builder_template(builder, by);
    sort.order = builder_template(builder, tree_get(node, "order"));
    if (tree_text(by) && !builder_is_call(by) && !known)
        findings_add(builder->findings, tree_place(by), "there is no sort key '%s'", tree_text(by));
    return sort;
}

static struct filter build_filter(struct builder *builder, const cJSON *node)
{
    struct filter filter = {.parameter = node->string, .place = tree_key_place(node)};
    struct {
        VEC(struct filter_row);
    } rows = {0};
    const cJSON *item;

    if (strncmp(node->string, "body.", 5) == 0) {
        filter.in_body = true;
        filter.parameter += 5;
    }
    if (cJSON_IsObject(node)) {
        struct filter_row row = {NULL, NULL, match_compile(&builder->loader.compiler, node)};

        vec_push_arena(builder->arena, &rows, row);
    } else {
        cJSON_ArrayForEach (item, node) {
            struct filter_row row = {
                criterion_compile(&builder->loader.compiler, tree_get(item, "if")),
                criterion_compile(&builder->loader.compiler, tree_get(item, "unless")),
                match_compile(&builder->loader.compiler, tree_get(item, "where"))};

            vec_push_arena(builder->arena, &rows, row);
        }
    }
    filter.rows = rows.items;
    filter.row_count = rows.count;
    return filter;
}

static const struct page *find_page(struct builder *builder, const cJSON *node)
{
    size_t i, count = builder->provider->service.page_count;
    const char **names = arena_alloc(builder->arena, (count + 1) * sizeof *names);

    for (i = 0; i < count; i++) {
        names[i] = builder->pages[i].name;
        if (text_is(names[i], tree_text(node)))
            return &builder->pages[i];
    }
    if (tree_text(node))
        loader_unknown(&builder->loader, node, "page", tree_text(node), names, count);
    return NULL;
}

static const struct list *build_list(struct builder *builder, const cJSON *node)
{
    struct list *list = arena_alloc(builder->arena, sizeof *list);
    const cJSON *owner = tree_get(node, "owner"), *item;
    const struct machine *owner_machine = owner ? builder_machine_of(builder, owner) : NULL;
    struct {
        VEC(struct filter);
    } filters = {0};
    size_t i;

    list->kind = builder_kind(builder, tree_get(node, "of"));
    list->where = match_compile(&builder->loader.compiler, tree_get(node, "where"));
    list->owner = builder_template(builder, owner);
    list->owner_link = -1;
    if (list->kind && list->kind->machine && owner_machine)
        for (i = 0; i < list->kind->machine->link_count && list->owner_link < 0; i++)
            if (list->kind->machine->links[i].machine == owner_machine->index)
                list->owner_link = (int)i;
    if (owner_machine && list->kind && list->kind->machine && list->owner_link < 0)
        findings_add(builder->findings, tree_place(owner), "'%s' has no link to '%s'",
                     list->kind->machine->name, owner_machine->name);
    list->view = find_view(builder, list->kind, tree_get(node, "view"));
    list->page = find_page(builder, tree_get(node, "page"));
    list->sort = build_sort(builder, tree_get(node, "sort"));
    cJSON_ArrayForEach (item, tree_get(node, "filters")) {
        struct filter filter = build_filter(builder, item);

        vec_push_arena(builder->arena, &filters, filter);
    }
    list->filters = filters.items;
    list->filter_count = filters.count;
    list->body = builder_template(builder, tree_get(node, "body"));
    return list;
}

static struct stream_answer build_stream(struct builder *builder, const cJSON *node)
{
    struct stream_answer stream = {.of_text = tree_get_text(node, "of"), .machine = -1};
    const struct machine *machine = builder_machine_of(builder, tree_get(node, "of"));
    const cJSON *style = tree_get(node, "style");
    size_t i, count = builder->provider->service.stream_count;
    const char **names = arena_alloc(builder->arena, (count + 1) * sizeof *names);

    stream.of = builder_template(builder, tree_get(node, "of"));
    if (machine)
        stream.machine = machine->index;
    for (i = 0; i < count; i++) {
        names[i] = builder->styles[i].name;
        if (text_is(names[i], tree_text(style)))
            stream.style = &builder->styles[i];
    }
    if (!stream.style && tree_text(style))
        loader_unknown(&builder->loader, style, "stream", tree_text(style), names, count);
    for (i = 0; i < builder->lifecycle->stream_count && machine; i++)
        if (builder->lifecycle->streams[i].of == machine->index && !stream.rule)
            stream.rule = &builder->lifecycle->streams[i];
    stream.after = builder_template(builder, tree_get(node, "after"));
    stream.left = builder_steps(builder, machine, tree_get(node, "left"));
    return stream;
}

static struct wait build_wait(struct builder *builder, const cJSON *node)
{
    const struct machine *machine = builder_machine_of(builder, tree_get(node, "for"));
    const cJSON *timeout = tree_get(node, "timeout");
    struct wait wait = {.machine = machine ? machine->index : -1};

    wait.subject = builder_template(builder, tree_get(node, "for"));
    if (machine)
        wait.until = loader_states(&builder->loader, machine, tree_get(node, "until"));
    else
        findings_add(builder->findings, tree_place(tree_get(node, "for")),
                     "'for' names no resource that is known here");
    wait.within = builder_template(builder, tree_get(node, "within"));
    wait.timeout_status = builder_template(builder, tree_get(timeout, "status"));
    wait.timeout_body = builder_template(builder, tree_get(timeout, "body"));
    wait.gone = builder_refusal(builder, tree_get(node, "gone"));
    wait.left = builder_steps(builder, machine, tree_get(node, "left"));
    return wait;
}

static void choose_kind(struct builder *builder, const cJSON *node, struct answer *answer)
{
    static const struct {
        const char *key;
        enum answer_kind kind;
    } rows[] = {{"wait", ANSWER_WAIT},
                {"list", ANSWER_LIST},
                {"bytes", ANSWER_BYTES},
                {"stream", ANSWER_STREAM},
                {"reply", ANSWER_REPLY}};
    size_t i, count = 0;

    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        if (tree_get(node, rows[i].key) && count++ == 0)
            answer->kind = rows[i].kind;
    if (tree_get(node, "wait") && tree_get(node, "reply"))
        count--; /* the body after the wait */
    if (count > 1)
        findings_add(builder->findings, answer->place,
                     "there is more than one answer: use rows under 'answer'");
}

static struct answer build_answer(struct builder *builder, const cJSON *node)
{
    struct answer answer = {.place = tree_place(node)};
    const cJSON *list = tree_get(node, "list"), *bytes = tree_get(node, "bytes");

    choose_kind(builder, node, &answer);
    answer.when = criterion_compile(&builder->loader.compiler, tree_get(node, "if"));
    answer.unless = criterion_compile(&builder->loader.compiler, tree_get(node, "unless"));
    answer.case_name = tree_get_text(node, "case");
    answer.status = builder_template(builder, tree_get(node, "status"));
    answer.headers = builder_assignments(builder, tree_get(node, "headers"));
    answer.media_type = builder_template(builder, tree_get(node, "media_type"));
    answer.reply = builder_template(builder, tree_get(node, "reply"));
    if (list)
        answer.list = build_list(builder, list);
    if (bytes)
        answer.bytes = (struct bytes_answer){builder_template(builder, bytes),
                                             builder_template(builder, tree_get(node, "filename")),
                                             text_is(tree_get_text(node, "encoding"), "base64")};
    if (tree_get(node, "stream"))
        answer.stream = build_stream(builder, tree_get(node, "stream"));
    if (tree_get(node, "wait"))
        answer.wait = build_wait(builder, tree_get(node, "wait"));
    return answer;
}

struct answers builder_answers(struct builder *builder, const cJSON *entry)
{
    static const char *const keys[] = {"reply",  "list",    "bytes",      "stream", "wait",
                                       "status", "headers", "media_type", "view"};
    const cJSON *rows = tree_get(entry, "answer"), *item;
    struct {
        VEC(struct answer);
    } answers = {0};
    bool has_one = false;
    size_t i;

    for (i = 0; i < sizeof keys / sizeof *keys; i++)
        has_one = has_one || tree_get(entry, keys[i]);
    cJSON_ArrayForEach (item, rows)
        if (cJSON_IsObject(item)) {
            struct answer answer = build_answer(builder, item);

            vec_push_arena(builder->arena, &answers, answer);
        }
    if (has_one) {
        struct answer answer = build_answer(builder, entry);

        if (rows)
            findings_add(builder->findings, tree_key_place(rows),
                         "'answer' rows stand beside another answer");
        vec_push_arena(builder->arena, &answers, answer);
    }
    return (struct answers){answers.items, answers.count};
}
