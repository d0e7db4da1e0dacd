/* The servo's own small machine: moves, then cuts the power; tries again while the closed switch disagrees. */
#ifndef EARLID_SERVO_H
#define EARLID_SERVO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool open;         /* target of the move */
    bool power;
    uint16_t moved_ms; /* since the move began, saturating */
    uint8_t attempts;  /* closing moves made since it was last known closed */
    bool started;
} servo_t;

/* Once a ms. `hears`: the closed switch says not closed; false where there is none. */
void servo_tick(servo_t *servo, bool open, bool hears, bool has_sense, uint16_t travel_ms);

/* The servo was given all its attempts and its power is cut. */
bool servo_spent(const servo_t *servo);

#endif
