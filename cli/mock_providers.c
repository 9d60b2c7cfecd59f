/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mock_providers.h"

#include "cli/data_dirs.h"
#include "core/base/file.h"
#include "core/base/str.h"

#include <string.h>

/* ---- documents ---- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* The file's name without folder and ending, as a segment of a path. */
static const char *name_of_file(struct arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
    char *name =
        arena_strndup(arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
    for (char *at = name; *at; at++)
        if (!is_name_char(*at))
            *at = '-';
    return name;
}

/* NAME=FILE, unless a file is called so. */
static struct mock_document read_document(struct arena *arena, const char *text)
{
    const char *equals = strchr(text, '=');
    struct mock_document document = {NULL, text};
    if (equals && !file_exists(text)) {
        document.name = arena_strndup(arena, text, (size_t)(equals - text));
        document.file = equals + 1;
    } else {
        document.name = name_of_file(arena, text);
    }
    return document;
}

static bool is_name(const char *name)
{
    const char *at = name;
    while (is_name_char(*at))
        at++;
    return *name && !*at && name[strspn(name, ".")] && !text_is(name, "__admin");
}

static int read_documents(struct arena *arena, const struct options *options,
                          struct mock_options *mock, struct error *err)
{
    struct texts texts = options_all(options, "openapi");
    struct mock_document *documents = arena_alloc(arena, (texts.count + 1) * sizeof *documents);
    for (size_t i = 0; i < texts.count; i++) {
        documents[i] = read_document(arena, texts.items[i]);
        if (!file_exists(documents[i].file) || file_is_directory(documents[i].file))
            return fail(err, ERROR_NOT_FOUND, "option '--openapi': no file '%s'",
                        documents[i].file);
        if (!is_name(documents[i].name))
            return fail(err, ERROR_INVALID,
                        "option '--openapi': '%s' is no name for a path: write NAME=FILE with "
                        "letters, digits, '-', '_' and '.'",
                        documents[i].name);
        for (size_t j = 0; j < i; j++)
            if (text_is(documents[i].name, documents[j].name))
                return fail(err, ERROR_INVALID,
                            "option '--openapi': two documents are named '%s': write NAME=FILE",
                            documents[i].name);
    }
    mock->documents = documents;
    mock->document_count = texts.count;
    return 0;
}

/* ---- providers, variants ---- */

static int check_names(const char *const *names, size_t count, const struct mock_options *mock,
                       struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (text_is(names[i], names[j]))
                return fail(err, ERROR_INVALID, "provider '%s' is named twice", names[i]);
        for (size_t j = 0; j < mock->document_count; j++)
            if (text_is(names[i], mock->documents[j].name))
                return fail(err, ERROR_INVALID,
                            "'%s' is a provider and a document of --openapi: write NAME=FILE",
                            names[i]);
    }
    return 0;
}

static int read_providers(struct arena *arena, const struct options *options,
                          struct mock_options *mock, struct error *err)
{
    struct data_dirs dirs;
    struct texts names = options_operands(options);
    const char *const *items = names.items;
    if (read_documents(arena, options, mock, err))
        return -1;
    if (mock->document_count && !names.count)
        return 0; /* nothing else was asked for */
    if (data_dirs_find(arena, options_text(options, "contracts"), options_text(options, "fixtures"),
                       &dirs, err) ||
        data_dirs_check(arena, &dirs, names.items, names.count, err))
        return -1;
    if (check_names(names.items, names.count, mock, err))
        return -1;
    mock->finds_providers = !names.count;
    if (!names.count)
        items = data_dirs_providers(arena, &dirs, err);
    if (!items)
        return -1;
    mock->providers = items;
    while (items[mock->provider_count])
        mock->provider_count++;
    mock->contracts_dir = dirs.contracts;
    mock->fixtures_dir = dirs.fixtures;
    if (!mock->provider_count)
        return fail(err, ERROR_NOT_FOUND, "no provider in '%s' and '%s'", dirs.contracts,
                    dirs.fixtures);
    return 0;
}

/* PROVIDER.NAME=VALUE, or NAME=VALUE when one provider is played. */
static int read_variants(struct arena *arena, const struct options *options,
                         struct mock_options *mock, struct error *err)
{
    struct texts texts = options_all(options, "variant");
    struct variant_choice *choices = arena_alloc(arena, (texts.count + 1) * sizeof *choices);
    for (size_t i = 0; i < texts.count; i++) {
        const char *equals = strchr(texts.items[i], '=');
        const char *dot = strchr(texts.items[i], '.');
        bool is_known = false;
        if (!equals || !equals[1])
            return fail(err, ERROR_INVALID, "option '--variant': '%s' is not PROVIDER.NAME=VALUE",
                        texts.items[i]);
        choices[i].name = arena_strndup(arena, texts.items[i], (size_t)(equals - texts.items[i]));
        choices[i].value = equals + 1;
        for (size_t j = 0; j < mock->provider_count && dot && dot < equals; j++)
            is_known |= str_is((struct str){texts.items[i], (size_t)(dot - texts.items[i])},
                               mock->providers[j]);
        if (!is_known && (mock->provider_count != 1 || (dot && dot < equals)))
            return fail(err, ERROR_INVALID,
                        "option '--variant': '%s' names no provider that is played: write "
                        "PROVIDER.NAME=VALUE",
                        texts.items[i]);
    }
    mock->variants = choices;
    mock->variant_count = texts.count;
    return 0;
}

int mock_providers_read(struct arena *arena, const struct options *options,
                        struct mock_options *mock, struct error *err)
{
    return read_providers(arena, options, mock, err) || read_variants(arena, options, mock, err)
               ? -1
               : 0;
}
