/* report.h -- mod_mls's events as lines for a program; SCRIPTING.md is their documentation. */
#ifndef CHAT_REPORT_H
#define CHAT_REPORT_H

#include "output.h"

#include <mod_mls/mod_mls.h>

void chat_report_event(chat_output_t *output, const mod_mls_event_t *event);

#endif
