/** Node's codes for a connection that was refused, lost or never answered, in words. */
export const networkWords: Readonly<Record<string, string>> = {
  EACCES: 'the socket may not be opened by this user',
  EADDRNOTAVAIL: 'this machine has no address or port for the connection',
  EAFNOSUPPORT: 'this machine has no addresses of that kind',
  EAI_AGAIN: 'the name could not be looked up',
  EAI_FAIL: 'the name could not be looked up',
  ECONNABORTED: 'the connection was cut',
  ECONNREFUSED: 'nothing listens there, or it refuses connections',
  ECONNRESET: 'the connection was cut',
  EHOSTDOWN: 'the host is down',
  EHOSTUNREACH: 'there is no way to the host',
  ENETDOWN: 'the network is down',
  ENETUNREACH: 'there is no way to its network',
  ENETRESET: 'the connection was cut',
  ENOBUFS: 'this machine has no memory left for the connection',
  ENOENT: 'there is no such socket',
  ENOTCONN: 'the connection was cut',
  ENOTDIR: 'there is no such socket',
  ENOTFOUND: 'the host’s name is not known',
  EPIPE: 'the connection was cut',
  ERR_SOCKET_CLOSED: 'the connection was cut',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
  ETIMEDOUT: 'it did not answer in time',
};

/** Codes that files have as well: of a connection only where it is a connection that was opened. */
export const openingWords: Readonly<Record<string, string>> = {
  ...networkWords,
  EMFILE: 'this program has too many files and connections open: raise its limit (ulimit -n)',
  ENFILE: 'this machine has too many files and connections open',
  ENOMEM: 'this machine has no memory left for the connection',
};
