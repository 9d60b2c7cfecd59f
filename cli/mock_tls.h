/* SPDX-License-Identifier: Apache-2.0 */
/* The options of TLS, for mock_settings.c alone. */
#pragma once

#include "cli/mock_settings.h"

int mock_tls_read(struct arena *arena, const struct options *options,
                  struct mock_settings *settings, struct error *err);
