// SPDX-License-Identifier: Apache-2.0

internal import EventLoop

/// What a connection needs of a socket; tests put an array in its place.
package protocol RPCTransport: AnyObject {
    /// Whether little enough is queued that more should be written.
    var isWritable: Bool { get }
    /// Queues bytes.
    func write(_ bytes: UnsafeRawBufferPointer)
    /// Sends what is queued and ends.
    func closeAfterWrites()
    /// Ends at once.
    func close()
    /// Lets TCP hold the client up.
    func pauseReading()
    /// Reads again.
    func resumeReading()
}

extension TCPStream: RPCTransport {}
