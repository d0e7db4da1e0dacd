#include "core/button.h"

#include "generated/protocol.h"

button_event_t button_edge(button_t *button)
{
    if (button->down) {
        button->up_ms = 0;
        return BUTTON_NOTHING;
    }
    if (!button->armed)
        return BUTTON_NOTHING;
    *button = (button_t){.down = true, .armed = true};
    return BUTTON_PRESSED;
}

uint16_t button_length(const button_t *button)
{
    return (uint16_t)(button->ms - button->up_ms);
}

button_event_t button_tick(button_t *button, bool closed)
{
    if (button->down && button->ms < UINT16_MAX)
        button->ms++;
    if (!closed) {
        if (button->up_ms < LIMIT_DEBOUNCE_MS && ++button->up_ms < LIMIT_DEBOUNCE_MS)
            return BUTTON_NOTHING;
        button->armed = true;
        if (!button->down)
            return BUTTON_NOTHING;
        button->down = false;
        return BUTTON_RELEASED;
    }
    if (!button->down) {
        if (!button->armed)
            button->up_ms = 0;
        return button_edge(button);
    }
    button->up_ms = 0;
    if (button->ms >= LIMIT_HOLD_MS && !button->held) {
        button->held = true;
        return BUTTON_HELD;
    }
    if (button->ms > LIMIT_STUCK_MS && !button->stuck) {
        button->stuck = true;
        return BUTTON_STUCK;
    }
    return BUTTON_NOTHING;
}
