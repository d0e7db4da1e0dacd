/** Why a connection over the network failed, in words. Pure. */

const OF_NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no computer of this name',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNREFUSED: 'nothing listens at this port',
  ECONNRESET: 'it broke the connection',
  ECONNABORTED: 'the connection broke',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  EHOSTDOWN: 'there is no way to it',
  ENETDOWN: 'there is no network',
  EADDRNOTAVAIL: 'there is no network',
  EAFNOSUPPORT: 'this computer has no such network',
  EPERM: 'this process may not use the network',
  EACCES: 'this process may not use the network',
  EMFILE: 'too many files are open',
};
const NO_CERTIFICATE = 'a file named for it holds no certificate or key (PEM)';
const UNKNOWN_SIGNER = 'nobody who is trusted here has signed its certificate';
const OF_TLS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired, or the clock of this computer is wrong',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, or the clock of this computer is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_SIGNER,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_SIGNER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_SIGNER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_SIGNER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_SIGNER,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate of ours',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS is spoken at this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no TLS is spoken at this port',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'our key does not belong to our certificate',
  ERR_OSSL_PEM_NO_START_LINE: NO_CERTIFICATE,
  ERR_OSSL_PEM_BAD_BASE64_DECODE: NO_CERTIFICATE,
};
const OUR_CERTIFICATE =
  /^ERR_SSL_\w+_ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA)$/;

/** The network itself failed, before anybody could be asked whether to be trusted. */
export const isOfNetwork = (code: string): boolean =>
  Object.hasOwn(OF_NETWORK, code) || /^EAI_\w+$/.test(code);

/** What an error code of the network or of TLS means, with the code. */
export function troubleText(code: string): string {
  const isOurs = OUR_CERTIFICATE.test(code) ? 'it does not take our certificate' : null;
  const words = [OF_NETWORK, OF_TLS].find((table) => Object.hasOwn(table, code))?.[code] ?? isOurs;
  return words === null ? code : `${words} (${code})`;
}
