/* SPDX-License-Identifier: Apache-2.0 */
/* service.yaml but for its operations: form, auth, errors, pages, streams, callbacks, blobs. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/base/vec.h"

#include <string.h>

static const char *const failure_names[FAILURES] = {
    [FAILURE_INVALID] = "invalid",     [FAILURE_UNAUTHORIZED] = "unauthorized",
    [FAILURE_NO_ROUTE] = "no_route",   [FAILURE_METHOD] = "method",
    [FAILURE_TOO_LARGE] = "too_large", [FAILURE_UNSUPPORTED_MEDIA] = "unsupported_media",
    [FAILURE_CRASH] = "crash",         [FAILURE_BUSY] = "busy",
};

const struct blob *service_blob(const struct service *service, const char *name)
{
    size_t i;

    for (i = 0; i < service->blob_count; i++)
        if (text_is(service->blobs[i].name, name))
            return &service->blobs[i];
    return NULL;
}

void service_fill_mount(const char *mount, struct strbuf *out)
{
    while (*mount) {
        size_t len = strcspn(mount, "{");
        strbuf_add(out, mount, len);
        mount += len;
        if (*mount)
            strbuf_adds(out, "demo");
        mount += strcspn(mount, "}");
        mount += *mount == '}';
    }
}

void build_service_names(struct builder *builder)
{
    const cJSON *pages = tree_get(builder->service, "pages"),
                *streams = tree_get(builder->service, "streams"),
                *callbacks = tree_get(builder->service, "callbacks"), *item;
    struct service *service = &builder->provider->service;
    size_t i = 0;

    service->page_count = tree_count(pages);
    service->stream_count = tree_count(streams);
    service->callback_count = tree_count(callbacks);
    builder->pages =
        arena_alloc(builder->arena, (service->page_count + 1) * sizeof *builder->pages);
    builder->styles =
        arena_alloc(builder->arena, (service->stream_count + 1) * sizeof *builder->styles);
    builder->webhooks =
        arena_alloc(builder->arena, (service->callback_count + 1) * sizeof *builder->webhooks);
    service->pages = builder->pages;
    service->streams = builder->styles;
    service->callbacks = builder->webhooks;
    cJSON_ArrayForEach (item, pages)
        builder->pages[i++].name = item->string;
    i = 0;
    cJSON_ArrayForEach (item, streams)
        builder->styles[i++].name = item->string;
    i = 0;
    cJSON_ArrayForEach (item, callbacks)
        builder->webhooks[i++].name = item->string;
}

static void build_auth(struct builder *builder, const cJSON *node)
{
    struct auth *auth = &builder->provider->service.auth;
    struct {
        VEC(struct credential);
    } accept = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, tree_get(node, "accept")) {
        struct credential credential = {tree_get_text(item, "scheme"),
                                        tree_get_text(item, "header"), tree_get_text(item, "query"),
                                        tree_get_text(item, "cookie")};

        vec_push_arena(builder->arena, &accept, credential);
    }
    auth->accept = accept.items;
    auth->accept_count = accept.count;
    auth->required = node && !cJSON_IsFalse(tree_get(node, "required"));
    auth->error = builder_refusal(builder, tree_get(node, "error"));
    auth->principal = builder_template(builder, tree_get(node, "principal"));
}

static struct wording build_wording(struct builder *builder, const cJSON *row)
{
    struct assignments all = builder_assignments(builder, row);
    struct assignment *members = arena_alloc(builder->arena, (all.count + 1) * sizeof *members);
    struct wording wording = {.place = tree_key_place(row)};
    size_t i;

    for (i = 0; i < all.count; i++)
        if (!text_is(all.items[i].name, "headers") && !text_is(all.items[i].name, "body"))
            members[wording.members.count++] = all.items[i];
    wording.members.items = members;
    wording.headers = builder_assignments(builder, tree_get(row, "headers"));
    wording.body = builder_template(builder, tree_get(row, "body"));
    return wording;
}

static void build_errors(struct builder *builder, const cJSON *errors)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    struct service *service = &builder->provider->service;
    const cJSON *when = tree_get(errors, "when"), *row;
    struct wording *wordings =
        arena_alloc(builder->arena, (lifecycle->refusal_count + 1) * sizeof *wordings);
    size_t i;

    service->error_media_type = tree_get_text(errors, "media_type");
    if (!service->error_media_type)
        service->error_media_type = "application/json";
    service->error_body = builder_template(builder, tree_get(errors, "body"));
    service->wordings = wordings;
    for (i = 0; i < FAILURES; i++) {
        service->failures[i] = builder_refusal(builder, tree_get(when, failure_names[i]));
        if (!tree_get(when, failure_names[i]))
            findings_add(builder->findings, when ? tree_key_place(when) : tree_key_place(errors),
                         "no error is named for '%s'", failure_names[i]);
    }
    cJSON_ArrayForEach (row, tree_get(errors, "rows")) {
        cJSON *name = tree_string(builder->arena, row->string);
        const struct refusal *refusal;

        tree_set_place(name, tree_key_place(row));
        refusal = builder_refusal(builder, name);
        if (!refusal)
            continue;
        wordings[refusal - lifecycle->refusals] = build_wording(builder, row);
        wordings[refusal - lifecycle->refusals].refusal = refusal;
    }
    for (i = 0; i < lifecycle->refusal_count; i++) {
        if (!wordings[i].refusal)
            findings_add(builder->findings, tree_key_place(tree_get(errors, "rows")),
                         "the error '%s' has no wording here", lifecycle->refusals[i].name);
        wordings[i].refusal = &lifecycle->refusals[i];
    }
}

static int64_t integer(const cJSON *node, int64_t fallback)
{
    int64_t value = fallback;

    if (cJSON_IsNumber(node) && !tree_as_int64(node, &value))
        return fallback;
    return value;
}

static void build_page(struct builder *builder, const cJSON *node, struct page *page)
{
    static const char *const positions[] = {"token", "id", "offset", "none"};
    const cJSON *bind;
    size_t i;

    for (i = 0; i < sizeof positions / sizeof *positions; i++)
        if (text_is(tree_get_text(node, "position"), positions[i]))
            page->position = (enum position)i;
    page->limit = builder_template(builder, tree_get(node, "limit"));
    page->after = builder_template(builder, tree_get(node, "after"));
    page->before = builder_template(builder, tree_get(node, "before"));
    page->descending = builder_template(builder, tree_get(node, "descending"));
    page->bad = builder_refusal(builder, tree_get(node, "bad"));
    page->default_limit = integer(tree_get(node, "default_limit"), 0);
    page->max_limit = integer(tree_get(node, "max_limit"), 0);
    page->body = builder_template(builder, tree_get(node, "body"));
    page->place = tree_key_place(node);
    cJSON_ArrayForEach (bind, tree_get(node, "bind")) {
        page->bind_sort = page->bind_sort || text_is(tree_text(bind), "sort");
        page->bind_filters = page->bind_filters || text_is(tree_text(bind), "filters");
    }
}

/* `of` of a frame: a kind, or a machine. */
static int machine_of_frame(struct builder *builder, const cJSON *of)
{
    size_t i;

    for (i = 0; i < builder->provider->kind_count; i++)
        if (text_is(builder->kinds[i].name, tree_text(of)))
            return builder->kinds[i].machine ? builder->kinds[i].machine->index : -1;
    return loader_machine(&builder->loader, of);
}

/* Names of events: `created`, states, and what steps emit; only near misses are told. */
static struct frame build_frame(struct builder *builder, const cJSON *node)
{
    struct texts_list names = loader_texts(&builder->loader, tree_get(node, "name"));
    struct frame frame = {.of = tree_get_text(node, "of"),
                          .machine = -1,
                          .names = names.items,
                          .name_count = names.count,
                          .place = tree_place(node)};

    if (frame.of)
        frame.machine = machine_of_frame(builder, tree_get(node, "of"));
    frame.when = criterion_compile(&builder->loader.compiler, tree_get(node, "if"));
    frame.unless = criterion_compile(&builder->loader.compiler, tree_get(node, "unless"));
    frame.id = builder_template(builder, tree_get(node, "id"));
    frame.event = builder_template(builder, tree_get(node, "event"));
    frame.data = builder_template(builder, tree_get(node, "data"));
    frame.is_marker = tree_is_true(tree_get(node, "marker"));
    return frame;
}

static const struct frame *build_single(struct builder *builder, const cJSON *node)
{
    struct frame *frame;

    if (!cJSON_IsObject(node))
        return NULL;
    frame = arena_alloc(builder->arena, sizeof *frame);
    *frame = build_frame(builder, node);
    return frame;
}

static void build_style(struct builder *builder, const cJSON *node, struct stream_style *style)
{
    const cJSON *frames = tree_get(node, "frames"), *item;
    struct {
        VEC(struct frame);
    } list = {0};

    style->framing =
        text_is(tree_get_text(node, "framing"), "ndjson") ? FRAMING_NDJSON : FRAMING_SSE;
    style->media_type = tree_get_text(node, "media_type");
    cJSON_ArrayForEach (item, frames) {
        struct frame frame = build_frame(builder, item);

        vec_push_arena(builder->arena, &list, frame);
    }
    style->frames = list.items;
    style->frame_count = list.count;
    style->open = build_single(builder, tree_get(node, "open"));
    style->last = build_single(builder, tree_get(node, "last"));
    style->keepalive_every = builder_duration(tree_get(tree_get(node, "keepalive"), "every"));
    style->keepalive_text = tree_get_text(tree_get(node, "keepalive"), "text");
    style->keepalive = build_single(builder, tree_get(tree_get(node, "keepalive"), "frame"));
    style->numbers_frames = text_is(tree_get_text(node, "numbers"), "frames");
    style->place = tree_key_place(node);
    if (style->keepalive_every && !style->keepalive_text == !style->keepalive)
        findings_add(builder->findings, tree_key_place(tree_get(node, "keepalive")),
                     "'keepalive' has either a 'text' or a 'frame'");
}

static void build_webhook(struct builder *builder, const cJSON *node, struct webhook *webhook)
{
    const struct lifecycle *lifecycle = builder->lifecycle;
    const cJSON *backoff = tree_get(node, "backoff"), *factor = tree_get(backoff, "factor");
    const struct machine *machine = NULL;
    const char **names =
        arena_alloc(builder->arena, (lifecycle->callback_count + 1) * sizeof *names);
    size_t i;

    webhook->place = tree_key_place(node);
    for (i = 0; i < lifecycle->callback_count; i++) {
        names[i] = lifecycle->callbacks[i].name;
        if (text_is(names[i], webhook->name))
            webhook->rule = &lifecycle->callbacks[i];
    }
    if (webhook->rule)
        machine = &lifecycle->machines[webhook->rule->of];
    else if (text_nearest_of(webhook->name, names, lifecycle->callback_count))
        findings_add(builder->findings, webhook->place,
                     "the lifecycle announces no '%s' (did you mean '%s'?)", webhook->name,
                     text_nearest_of(webhook->name, names, lifecycle->callback_count));
    webhook->url = builder_template(builder, tree_get(node, "url"));
    webhook->method = builder_template(builder, tree_get(node, "method"));
    webhook->headers = builder_assignments(builder, tree_get(node, "headers"));
    webhook->body = builder_template(builder, tree_get(node, "body"));
    webhook->tries = integer(tree_get(node, "tries"), 1);
    webhook->delay = builder_duration(tree_get(backoff, "delay"));
    webhook->max = builder_duration(tree_get(backoff, "max"));
    webhook->factor = cJSON_IsNumber(factor) ? factor->valuedouble : 1;
    webhook->timeout = builder_duration(tree_get(node, "timeout"));
    if (!webhook->timeout)
        webhook->timeout = 5 * NANOS_PER_SECOND;
    webhook->when = criterion_compile(&builder->loader.compiler, tree_get(node, "when"));
    webhook->unless = criterion_compile(&builder->loader.compiler, tree_get(node, "unless"));
    webhook->then = builder_steps(builder, machine, tree_get(node, "then"));
}

static void build_blobs(struct builder *builder, const cJSON *blobs)
{
    struct {
        VEC(struct blob);
    } list = {0};
    const cJSON *item;

    cJSON_ArrayForEach (item, blobs) {
        struct blob blob = {item->string, builder_template(builder, tree_get(item, "media_type")),
                            builder_template(builder, tree_get(item, "text")),
                            builder_template(builder, tree_get(item, "filename")),
                            tree_key_place(item)};

        vec_push_arena(builder->arena, &list, blob);
    }
    builder->provider->service.blobs = list.items;
    builder->provider->service.blob_count = list.count;
}

static void build_mounts(struct builder *builder, const cJSON *mount)
{
    struct service *service = &builder->provider->service;
    size_t count = cJSON_IsArray(mount) ? tree_count(mount) : mount ? 1 : 0;
    struct mount *mounts = arena_alloc(builder->arena, (count + 1) * sizeof *mounts);
    const cJSON *item = cJSON_IsArray(mount) ? mount->child : mount;
    size_t i;

    mounts[0].at = "";
    for (i = 0; i < count; i++, item = item->next) {
        mounts[i].at = tree_text(item) ? tree_text(item) : tree_get_text(item, "at");
        mounts[i].replaces = tree_get_text(item, "for");
        if (!mounts[i].at)
            mounts[i].at = ""; /* a finding of the format */
    }
    service->mounts = mounts;
    service->mount_count = count ? count : 1;
}

static void build_form(struct builder *builder)
{
    static const char *const slashes[] = {"accept", "redirect", "refuse"};
    struct service *service = &builder->provider->service;
    const cJSON *node = builder->service, *unset = tree_get(node, "unset");
    size_t i;

    build_mounts(builder, tree_get(node, "mount"));
    service->examples_meant = text_is(tree_get_text(node, "unplayed"), "example");
    for (i = 0; i < sizeof slashes / sizeof *slashes; i++)
        if (text_is(tree_get_text(node, "slashes"), slashes[i]))
            service->slashes = (enum slashes)i;
    if (tree_get_text(node, "time"))
        time_form_find(tree_get_text(node, "time"), &service->time);
    if (cJSON_IsNull(unset) || text_is(tree_text(unset), "null"))
        service->unset = UNSET_NULL;
    else if (text_is(tree_text(unset), "nullable"))
        service->unset = UNSET_NULLABLE;
    service->headers = builder_assignments(builder, tree_get(node, "headers"));
}

void build_service(struct builder *builder)
{
    const cJSON *node = builder->service, *item;
    size_t i = 0;

    builder->provider->service.file = tree_place(node).file;
    build_form(builder);
    if (tree_get(node, "auth"))
        build_auth(builder, tree_get(node, "auth"));
    build_errors(builder, tree_get(node, "errors"));
    cJSON_ArrayForEach (item, tree_get(node, "pages"))
        build_page(builder, item, &builder->pages[i++]);
    i = 0;
    cJSON_ArrayForEach (item, tree_get(node, "streams"))
        build_style(builder, item, &builder->styles[i++]);
    i = 0;
    cJSON_ArrayForEach (item, tree_get(node, "callbacks"))
        build_webhook(builder, item, &builder->webhooks[i++]);
    build_blobs(builder, tree_get(node, "blobs"));
}
