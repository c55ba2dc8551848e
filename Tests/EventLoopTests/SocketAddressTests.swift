// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Testing

/// The text and the classes of addresses.
@Suite struct SocketAddressTests {
    /// Text that is canonical survives a round trip.
    @Test(arguments: [
        "127.0.0.1:1", "0.0.0.0:65535", "[::1]:80", "[::]:0", "[2001:db8::1:0:0:1]:9",
        "[1:2:3:4:5:6:7:8]:7", "[fe80::]:1", "[1:0:2:3:4:5:6:7]:1",
    ])
    func textRoundTrips(text: String) throws {
        #expect(try #require(SocketAddress(text)).description == text)
    }

    /// Text that is no address is refused.
    @Test(arguments: [
        "", "1.2.3.4", "1.2.3:4", "1.2.3.256:1", "01.2.3.4:1", "1.2.3.4:65536", "::1:80",
        "[::1:80", "[1::2::3]:1", "[12345::]:1", "[1:2:3:4:5:6:7]:1", "[1:2:3:4:5:6:7:8:9]:1",
        "[:1]:1", "[1:2:3:4:5:6:7::8]:1", "[+1::]:1", "[:::]:1",
    ])
    func otherTextIsRefused(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    /// An IPv4 address inside an IPv6 one is recognised.
    @Test func mappedAddressesAreUnmapped() throws {
        let mapped = try #require(IPAddress("::ffff:127.0.0.1"))
        #expect(mapped.unmapped == IPAddress("127.0.0.1"))
        #expect(mapped.isLoopback)
        #expect(try #require(IPAddress("::1")).isLoopback)
        #expect(try !#require(IPAddress("10.0.0.1")).isLoopback)
    }

    /// A network is the first bits of an address, the rest zero.
    @Test func networksKeepTheFirstBits() throws {
        #expect(try #require(IPAddress("10.1.255.7")).network(bits: 20) == [10, 1, 240, 0])
        let six = try #require(IPAddress("2001:db8:1:2ff::1"))
        #expect(six.network(bits: 56) == (try #require(IPAddress("2001:db8:1:200::"))).bytes)
    }
}
