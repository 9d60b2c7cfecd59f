/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP server must refuse by itself, before any exchange exists, in problem+json. */
#pragma once

#include "core/net/http_server.h"

void refused_by_server(const struct http_refusal *refusal, struct http_response *response,
                       void *mock);
