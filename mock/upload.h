/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a multipart request (parts with a file name, or that the document calls binary) as
 * `$files.NAME`: filename, media_type, size and base64, which is the bytes as they came.
 * `$request.body` has them as text, for those that only look at them.
 */
#pragma once

#include "mock/exchange.h"

/* Binds `$files` in the exchange's play; nothing when no file was sent. */
void upload_bind(struct exchange *exchange);
