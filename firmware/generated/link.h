/* Generated from schemas/ by `npm run generate`; do not edit. */
#ifndef EARLID_LINK_H
#define EARLID_LINK_H

#define LINK_DOWN "%s/links/%s/down" /* from controller */
#define LINK_UP "%s/links/%s/up" /* from whoever serves the gate */
#define LINK_ONLINE "%s/links/%s/online" /* from whoever serves the gate */
#define LINK_IS_ONLINE "1"
#define LINK_IS_OFFLINE "0"
#define LINK_PAYLOAD_BYTES 1024 /* longest payload that anybody has to read */
#define LINK_EXPIRY_MS 2000 /* a frame that waits longer than this at a broker that speaks MQTT 5 is dropped there */

#endif
