/* What goes into a gate and comes out of it over its link: frames that must be verified, and messages that must carry an
 * authenticator. One authenticator is worked on at a time, in slices; a frame that waits for it stays where it is, and the two
 * directions take turns, so that no flood of forged frames keeps a gate from telling its state. Mutes do not come here. */
#ifndef EARLID_CHANNEL_H
#define EARLID_CHANNEL_H

#include "core/authenticator.h"
#include "core/gate.h"

enum { CHANNEL_PLACES = 2 };

typedef struct {
    gate_t *gate;

    /* A frame may stay where it is for some ms; the other place is for those that come meanwhile. */
    frame_t mail[CHANNEL_PLACES];
    volatile bool arrived[CHANNEL_PLACES];
    volatile bool overtaken[CHANNEL_PLACES]; /* by a mute that came after it */
    volatile uint8_t newest; /* where the last one was put */
    uint8_t held;            /* place of the frame that is verified, waits for it, or carries a key that is being written */

    authenticator_t work;
    enum { CHANNEL_IDLE, CHANNEL_VERIFIES, CHANNEL_SIGNS, CHANNEL_SIGNED } job;
    bool signed_last;
    uint8_t pairing;    /* of the key that is worked with */
    uint8_t count;      /* frames sent */
    uint8_t out_id;     /* message that wants an authenticator, 0 none */
    uint8_t out_length;
    uint8_t out[HEAD_BYTES + MSG_STATE_BYTES]; /* its content; `state` is the longest */
} channel_t;

void channel_start(channel_t *channel, gate_t *gate);

/* A whole frame that is not a mute; dropped when there is no place for it. May be called from an interrupt. */
void channel_put(channel_t *channel, const frame_t *frame);

/* A mute came. Whatever it says, and however often it was said before: an `allow` that arrived earlier opens nothing any more.
 * May be called from an interrupt. */
void channel_mute(channel_t *channel);

/* A frame waits to be looked at. */
bool channel_has_mail(const channel_t *channel);

/* Takes what has come, does one slice of work, sends what is ready. True while there is more to be done at once; where that
 * is for the EEPROM to become ready, it stays true. */
bool channel_run(channel_t *channel);

#endif
