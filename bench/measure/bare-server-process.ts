import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

// The least that a daemon with our API can be: Node with a server that speaks HTTP and WebSocket.

const http = createServer({ headersTimeout: 0, requestTimeout: 0, connectionsCheckingInterval: 2 ** 31 - 1 });
const sockets = new WebSocketServer({ server: http });
sockets.on('connection', socket => socket.on('message', message => socket.send(message)));
http.listen(0, '127.0.0.1', () => process.send?.('listening'));
