#include "core/servo.h"

#include "generated/protocol.h"

static void move(servo_t *servo, bool open)
{
    servo->open = open;
    servo->power = true;
    servo->moved_ms = 0;
}

void servo_tick(servo_t *servo, bool open, bool hears, bool has_sense, uint16_t travel_ms)
{
    if (!servo->started || open != servo->open) {
        servo->started = true;
        servo->attempts = open ? 0 : 1;
        move(servo, open);
        return;
    }
    if (servo->moved_ms < UINT16_MAX)
        servo->moved_ms++;
    if (servo->power) {
        if (servo->moved_ms >= travel_ms)
            servo->power = false;
        return;
    }
    if (open || !has_sense)
        return;
    if (!hears)
        servo->attempts = 0;
    else if (servo->attempts < LIMIT_SERVO_ATTEMPTS) {
        servo->attempts++;
        move(servo, false);
    }
}

bool servo_spent(const servo_t *servo)
{
    return !servo->open && !servo->power && servo->attempts == LIMIT_SERVO_ATTEMPTS;
}
