/* The button: edges and samples in, classified presses out (docs/protocol.md, "Button"). */
#ifndef EARLID_BUTTON_H
#define EARLID_BUTTON_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool down;       /* a press is going on, until it has been up for the debounce time */
    bool armed;      /* has been up since the reset */
    bool live;       /* the press began while live */
    bool was_locked; /* the gate was locked when it began */
    bool permitted;  /* it might have granted when it began */
    uint8_t confirms; /* id of the setting that waited for a press when it began, 0 none */
    bool overruled;  /* a mute or lock came meanwhile */
    bool relocked;   /* a lock came meanwhile */
    bool spent;      /* it has locked or is stuck: its release does nothing */
    bool held;       /* BUTTON_HELD was told */
    bool stuck;      /* BUTTON_STUCK was told */
    uint8_t up_ms;   /* how long the contact has been up without a break */
    uint16_t ms;     /* since the press began, saturating */
} button_t;

typedef enum { BUTTON_NOTHING, BUTTON_PRESSED, BUTTON_HELD, BUTTON_STUCK, BUTTON_RELEASED } button_event_t;

/* A falling edge, or a sample that shows the contact closed. */
button_event_t button_edge(button_t *button);

/* Once a ms, with a sample of the contact. */
button_event_t button_tick(button_t *button, bool closed);

/* Length in ms of the press that was just released or goes on. */
uint16_t button_length(const button_t *button);

#endif
