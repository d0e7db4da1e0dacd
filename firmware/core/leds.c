#include "core/leds.h"

/* Half periods are powers of two in ms, so that a bit of the uptime is the clock. */
enum { FAST_BIT = 0x80, SLOW_BIT = 0x200, SECOND_MASK = 0x3FF, TWO_SECONDS_MASK = 0x7FF, REFUSED_SHOWN_MS = 768 };

static bool gap(uint16_t at, uint16_t from)
{
    return at >= from && at < from + 128;
}

leds_t leds_show(const guard_t *guard)
{
    uint16_t clock = (uint16_t)guard->uptime.low;
    uint8_t level = guard->store->settings[guard->show & ALLOW_NIGHT ? SETTING_LED_NIGHT_AT : SETTING_LED_DAY_AT];
    uint8_t phase = guard_phase(guard);
    bool hears = guard_has_sense(guard) ? guard->sense_hears : guard->on;
    bool fast = clock & FAST_BIT;

    /* Live or unknown: never dark. Red blinks unless it is plainly live. */
    if (guard->on || hears || phase != PHASE_MUTED || guard->contested_ms) {
        bool plain = phase == PHASE_LIVE && hears && guard->lease_ms >= LIMIT_LEASE_ENDING_MS;
        bool dim = plain && guard->show & ALLOW_STARTING && clock & SLOW_BIT;
        return (leds_t){.red = plain || !fast ? 0 : level, .green = dim ? level >> 3 | 1 : level};
    }
    if (guard->pairing_ms)
        return (leds_t){.red = fast ? level : 0, .green = fast ? 0 : level};
    if (guard->refused_ms < REFUSED_SHOWN_MS)
        return (leds_t){.red = fast ? level : 0};
    if (guard->fault)
        return (leds_t){.red = fast ? level : 0};
    if (guard->waiting) {
        bool red = clock & SLOW_BIT;
        return (leds_t){.red = red ? level : 0, .green = red ? 0 : level};
    }
    if (guard->locked)
        return (leds_t){.red = gap(clock & SECOND_MASK, 0) ? 0 : level};
    if (guard->frame_ms >= LIMIT_SILENT_MS)
        return (leds_t){.red = gap(clock & TWO_SECONDS_MASK, 0) || gap(clock & TWO_SECONDS_MASK, 256) ? 0 : level};
    return (leds_t){.red = level};
}
