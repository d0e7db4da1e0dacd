/* Settings as they lie in a slot: table, ranges, access. */
#ifndef EARLID_SETTINGS_H
#define EARLID_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "generated/protocol.h"

enum { INPUT_NONE = 0xFF, INPUT_PIN = 0x3F, INPUT_PULLUP = 0x40, INPUT_INVERTED = 0x80 };

void settings_defaults(uint8_t *settings, uint8_t product);

/* All values lie inside their ranges. */
bool settings_in_range(const uint8_t *settings);

/* REASON_NONE, or why a write of this value would be refused. Sets *confirm when it needs a press at the gate. */
uint8_t settings_check(uint8_t id, const uint8_t *value, bool *confirm);

bool settings_read(const uint8_t *settings, uint8_t id, uint8_t *value);
void settings_write(uint8_t *settings, uint8_t id, const uint8_t *value);

#endif
