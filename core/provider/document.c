/* SPDX-License-Identifier: Apache-2.0 */
/* An OpenAPI document alone, played as if these two files stood beside it. */
#include "core/provider/build.h"

#include "core/base/str.h"
#include "core/data/yaml.h"
#include "core/lifecycle/formats.h"

#include <string.h>

static const char lifecycle_text[] = "lifecycle: '1.0'\n"
                                     "errors:\n"
                                     "  invalid: { status: 422 }\n"
                                     "  unauthorized: { status: 401 }\n"
                                     "  not_found: { status: 404 }\n"
                                     "  method_not_allowed: { status: 405 }\n"
                                     "  too_large: { status: 413 }\n"
                                     "  unsupported_media: { status: 415 }\n"
                                     "  failed: { status: 500 }\n"
                                     "  busy: { status: 503 }\n"
                                     "missing: not_found\n"
                                     "machines: {}\n";

static const char service_text[] =
    "errors:\n"
    "  media_type: application/problem+json\n"
    "  when: { invalid: invalid, unauthorized: unauthorized, no_route: not_found, busy: busy,\n"
    "    method: method_not_allowed, too_large: too_large, crash: failed,\n"
    "    unsupported_media: unsupported_media }\n"
    "  body: { type: 'about:blank', title: $error.title, status: $error.status,\n"
    "    detail: $problem.message, problems: $problems }\n"
    "  rows:\n"
    "    invalid: { title: the request is not as the document says }\n"
    "    unauthorized: { title: a credential is missing }\n"
    "    not_found: { title: there is no such operation }\n"
    "    method_not_allowed: { title: the path has no such method }\n"
    "    too_large: { title: the request is too large }\n"
    "    unsupported_media: { title: the content type is not taken }\n"
    "    failed: { title: the mock could not answer }\n"
    "    busy: { title: the mock has too much to do }\n";

static const cJSON *read_built_in(struct builder *builder, const char *text)
{
    return yaml_parse(builder->arena, text, strlen(text), "(built in)", builder->findings);
}

/* The path of a server's URL: clients call with it, and without it where they are told a base. */
static void add_mount(struct builder *builder, const char *url, struct mount *mounts, size_t *count)
{
    const char *scheme = strstr(url, "://");
    const char *path = scheme ? strchr(scheme + 3, '/') : url;
    size_t len = path ? strcspn(path, "?#") : 0;

    while (len && path[len - 1] == '/')
        len--;
    if (!len || *path != '/')
        return;
    path = arena_strndup(builder->arena, path, len);
    for (size_t i = 0; i < *count; i++)
        if (text_is(mounts[i].at, path))
            return;
    mounts[(*count)++] = (struct mount){.at = path};
}

static void mount_servers(struct builder *builder)
{
    const struct contract *contract = builder->contract;
    struct service *service = &builder->provider->service;
    struct mount *mounts =
        arena_alloc(builder->arena, (contract->servers.count + 1) * sizeof *mounts);

    mounts[0].at = "";
    service->mount_count = 1;
    for (size_t i = 0; i < contract->servers.count; i++)
        if (contract->servers.items[i])
            add_mount(builder, contract->servers.items[i], mounts, &service->mount_count);
    service->mounts = mounts;
}

struct provider *provider_from_document(struct arena *arena, const char *name, const char *file,
                                        const struct provider_options *options,
                                        struct findings *findings)
{
    struct builder *builder = builder_new(arena, name, findings);
    struct contract_options contract_options = {.is_foreign = true,
                                                .is_lazy = options->is_lazy,
                                                .tell = options->tell,
                                                .tell_data = options->tell_data};
    const cJSON *document = read_built_in(builder, lifecycle_text);

    contract_options.formats = formats_of_texts(&contract_options.format_count);
    builder_load_contract(builder, file, &contract_options);
    if (!builder->contract)
        return NULL;
    builder->lifecycle = lifecycle_from_document(arena, "(built in)", document, NULL, 0, findings);
    builder->provider->lifecycle = builder->lifecycle;
    builder_start(builder, file);
    builder->service = read_built_in(builder, service_text);
    build_operations(builder);
    build_roots(builder, options);
    build_service(builder);
    builder->provider->service.file = file;
    builder->provider->service.auth.by_contract = true;
    builder->provider->is_bare = true;
    mount_servers(builder);
    return builder->provider;
}
