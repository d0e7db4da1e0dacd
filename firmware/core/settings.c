#include "core/settings.h"

#include "hal/hal.h"

typedef struct {
    uint8_t id, at, width;
    bool confirm;
    uint16_t min, max;
    uint16_t defaults[2]; /* uno-relay, uno-servo */
} entry_t;

#define ENTRY(id, at, width, confirm, min, max, relay, servo) {id, at, width, confirm, min, max, {relay, servo}},
static const IN_FLASH entry_t *entry(uint8_t id)
{
    static const IN_FLASH entry_t table[] = {SETTINGS_TABLE(ENTRY)};
    for (uint8_t i = 0; i < SETTINGS_COUNT; i++)
        if (table[i].id == id)
            return &table[i];
    return 0;
}

static uint16_t number(const IN_FLASH entry_t *e, const uint8_t *value)
{
    return e->width == 2 ? get_u16(value) : value[0];
}

static bool is_input(uint8_t id)
{
    return id >= SETTING_INPUT0 && id <= SETTING_INPUT3;
}

static bool in_range(const IN_FLASH entry_t *e, const uint8_t *value)
{
    if (e->width == 8)
        return true;
    uint16_t n = number(e, value);
    return n >= e->min && n <= e->max;
}

void settings_defaults(uint8_t *settings, uint8_t product)
{
    memset(settings, 0, SETTINGS_BYTES);
    for (uint8_t id = 1; id <= SETTINGS_COUNT; id++) {
        const IN_FLASH entry_t *e = entry(id);
        uint16_t value = e->defaults[product == PRODUCT_UNO_SERVO];
        settings[e->at] = (uint8_t)value;
        if (e->width == 2)
            settings[e->at + 1] = (uint8_t)(value >> 8);
    }
}

bool settings_in_range(const uint8_t *settings)
{
    for (uint8_t id = 1; id <= SETTINGS_COUNT; id++) {
        const IN_FLASH entry_t *e = entry(id);
        if (!in_range(e, settings + e->at))
            return false;
    }
    return true;
}

uint8_t settings_check(uint8_t id, const uint8_t *value, bool *confirm)
{
    const IN_FLASH entry_t *e = entry(id);
    if (!e)
        return REASON_UNKNOWN_SETTING;
    *confirm = e->confirm;
    if (!in_range(e, value))
        return REASON_RANGE;
    if (is_input(id) && value[0] != INPUT_NONE && pin_is_guards(value[0] & INPUT_PIN))
        return REASON_RANGE;
    return REASON_NONE;
}

bool settings_read(const uint8_t *settings, uint8_t id, uint8_t *value)
{
    const IN_FLASH entry_t *e = entry(id);
    memset(value, 0, 8);
    if (!e)
        return false;
    memcpy(value, settings + e->at, e->width);
    return true;
}

void settings_write(uint8_t *settings, uint8_t id, const uint8_t *value)
{
    const IN_FLASH entry_t *e = entry(id);
    memcpy(settings + e->at, value, e->width);
}
