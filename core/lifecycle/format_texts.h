/* SPDX-License-Identifier: Apache-2.0 */
/* The files of contracts/schemas, as cmake/EmbedTexts.cmake writes them into the build. */
#pragma once

struct format_text {
    const char *name;          /* "lifecycle"; NULL ends the table */
    const unsigned char *text; /* terminated */
};

extern const struct format_text format_texts[];
