/* SPDX-License-Identifier: Apache-2.0 */
/* Texts in HTML, SVG and XML. */
#pragma once

#include "core/base/strbuf.h"

/* What stands for a byte that markup reads itself (XML 1.0 section 2.4); NULL: the byte may stand.
 */
const char *markup_entity(char byte);
/* The text with all of these replaced: good for content and for values between double quotes. */
void markup_text(const char *text, struct strbuf *out);
