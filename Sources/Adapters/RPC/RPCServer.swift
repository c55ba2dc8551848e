// SPDX-License-Identifier: Apache-2.0

package import Chain
package import EventLoop
package import Machinery

/// celestia-node's JSON-RPC on one TCP port: HTTP and WebSocket on any path.
///
/// Everything happens on the loop's thread. Specified in Protocol/17-json-rpc.md.
package final class RPCServer {
    private static let tickMilliseconds = 1000 / UInt64(RPCConnection.ticksPerSecond)

    private let services: RPCServices
    private var listener: TCPListener?
    private var timer: LoopTimer?
    private var connections: [ObjectIdentifier: RPCConnection] = [:]
    private var ticks = 0

    /// Listens on an address; port 0 takes a free one.
    package init(
        _ configuration: RPCConfiguration, on loop: EventLoop, at address: SocketAddress,
        node: @escaping RPCServices.Node
    ) throws(LoopFailure) {
        services = RPCServices(configuration, node: node)
        listener = try loop.listen(
            address, connectionLimit: configuration.connectionLimit
        ) { [weak self] stream in
            self?.accept(stream)
        }
        timer = try LoopTimer.reusable(on: loop) { [weak self] in self?.tick() }
        timer?.start(afterMilliseconds: Self.tickMilliseconds)
    }

    /// Where it listens.
    package var address: SocketAddress? { listener?.address }

    /// Tells subscribers and waiting calls of the newest head, as the node learns of it.
    package func publish(head: ChainHeader) {
        services.publish(head: head)
    }

    /// Tells those who watch what else happened.
    package func publish(_ event: NodeEvent) {
        services.publish(event)
    }

    /// Tells who watches for fraud that the node acted on a proof.
    package func publishFraud() {
        services.publishFraud()
    }

    /// Ends all connections and listens no more.
    package func close() {
        listener?.close()
        listener = nil
        timer?.close()
        timer = nil
        for connection in connections.values { connection.stop() }
    }

    private func accept(_ stream: TCPStream) {
        let connection = RPCConnection(services, transport: stream)
        let key = ObjectIdentifier(connection)
        connections[key] = connection
        stream.onReceive = { connection.receive($0) }
        stream.onEnd = { connection.inputEnded() }
        stream.onDrained = { connection.drained() }
        stream.onClose = { [weak self] _ in
            connection.closed()
            self?.connections[key] = nil
        }
    }

    private func tick() {
        timer?.start(afterMilliseconds: Self.tickMilliseconds)
        ticks += 1
        for connection in connections.values { connection.tick() }
        if ticks % RPCConnection.ticksPerSecond == 0 { services.tick() }
    }
}
