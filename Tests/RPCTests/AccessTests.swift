// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import RPC
import Roles
import Testing

/// Tokens and what they allow.
@Suite struct AccessTests {
    private let secret = [UInt8](0..<32)
    private let now = Timestamp(nanosecondsSince1970: 1_700_000_000_000_000_000)
    private let node = ScriptedNode()

    private func token(
        _ allow: [Permission], expiry: Timestamp = .zero, secret: [UInt8]? = nil
    ) -> String {
        AccessToken(allow: allow, nonce: Array(repeating: 9, count: 32), expiry: expiry)
            .encode(secret: secret ?? self.secret)
    }

    /// A token has celestia-node's header and claims, and reads back.
    @Test func roundTrip() throws {
        let text = token(Permission.write.cumulative)
        let parts = text.split(separator: ".").map(String.init)
        #expect(
            String(decoding: try Base64.decode(parts[0], alphabet: .url), as: UTF8.self)
                == #"{"alg":"HS256","typ":"JWT"}"#)
        #expect(
            String(decoding: try Base64.decode(parts[1], alphabet: .url), as: UTF8.self)
                == #"{"Allow":["public","read","write"],"#
                + #""Nonce":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=","#
                + #""ExpiresAt":"0001-01-01T00:00:00Z"}"#)
        let back = try AccessToken.verify(text, secret: secret, now: now)
        #expect(back.allow == [.public, .read, .write] && back.expiry == .zero)
    }

    /// The example of RFC 7515 A.1 has the signature that is printed there.
    @Test func knownSignature() throws {
        let key = try Base64.decode(
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
            alphabet: .url)
        let text =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        // Its claims are none of ours, so only the signature's part of the verdict is compared.
        #expect(throws: AccessFault.malformed) {
            try AccessToken.verify(text, secret: key, now: now)
        }
        #expect(throws: AccessFault.wrongSignature) {
            try AccessToken.verify(text, secret: secret, now: now)
        }
    }

    /// A change of any character makes a token worthless.
    @Test func everyChangeIsSeen() {
        let text = Array(token([.admin]).utf8)
        for index in text.indices where text[index] != UInt8(ascii: ".") {
            var changed = text
            changed[index] =
                changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: AccessFault.self) {
                try AccessToken.verify(
                    String(decoding: changed, as: UTF8.self), secret: secret, now: now)
            }
        }
    }

    /// A token that signs with nothing, or with another algorithm, is refused.
    @Test func otherAlgorithms() {
        let claims = Base64.encode(Array(#"{"Allow":["admin"]}"#.utf8), alphabet: .url)
        for header in [#"{"alg":"none"}"#, #"{"alg":"HS512"}"#, "{}", "[]"] {
            let text = Base64.encode(Array(header.utf8), alphabet: .url) + "." + claims + "."
            #expect(throws: AccessFault.wrongSignature) {
                try AccessToken.verify(text, secret: secret, now: now)
            }
        }
    }

    /// Time ends a token, to the second and before.
    @Test func expiry() throws {
        let text = token([.read], expiry: now)
        let before = now.advanced(byNanoseconds: -1)
        #expect(try AccessToken.verify(text, secret: secret, now: before).expiry == now)
        #expect(throws: AccessFault.expired) {
            try AccessToken.verify(text, secret: secret, now: now)
        }
    }

    /// No token means public, which no method is; a bad one is 401 with nothing said.
    @Test func levels() {
        let client = Client(node.make(.tokens(secret: secret)))
        let anonymous = client.call("state.AccountAddress")
        #expect(anonymous.0 == 200)
        #expect(
            anonymous.1
                == #"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"#
                + #""missing permission to invoke 'AccountAddress' (need 'read')"}}"#)
        #expect(
            client.call("blob.Submit", "[[],{}]").1.contains(
                "missing permission to invoke 'Submit' (need 'write')"))
        node.respond = { _ in .success(.account("a")) }
        let good = token([.public, .read])
        func status(_ header: String) -> Int {
            client.call("state.AccountAddress", headers: header).0
        }
        for bad in [
            "Bearer x", good, "bearer \(good)", "Bearer  \(good)", "Basic \(good)",
            "Bearer \(token([.read], secret: [1]))", "Bearer \(token([.read], expiry: now))",
        ] {
            #expect(status("Authorization: \(bad)\r\n") == 401, "\(bad)")
        }
        let granted = client.call(
            "state.AccountAddress", headers: "Authorization: Bearer \(good)\r\n")
        #expect(granted.0 == 200 && granted.1.contains("\"result\":\"a\""))
        #expect(
            client.call(
                "node.AuthNew", #"[["admin"]]"#, headers: "Authorization: Bearer \(good)\r\n"
            )
            .1.contains("(need 'admin')"))
        let query = client.post(
            #"{"id":1,"method":"state.AccountAddress"}"#, path: "/?token=\(good)")
        #expect(query.contains("\"result\":\"a\""))
    }

    /// Tokens are issued and verified by methods, with and without an end.
    @Test func issuing() throws {
        let client = Client(node.make(.tokens(secret: secret)))
        let admin = "Authorization: Bearer \(token(Permission.admin.cumulative))\r\n"
        func result(_ method: String, _ parameters: String) throws -> JSONNode {
            let body = client.call(method, parameters, headers: admin).1
            return try #require(try JSONParser.parse(Array(body.utf8)).member("result"))
        }
        let issued = try #require(try result("node.AuthNew", #"[["public","read"]]"#).text)
        #expect(
            try result("node.AuthVerify", #"["\#(issued)"]"#).elements?.map(\.text)
                == ["public", "read"])
        let short = try #require(
            try result("node.AuthNewWithExpiry", #"[["read"],1200000000]"#).text)
        #expect(
            try AccessToken.verify(short, secret: secret, now: node.now).expiry
                == node.now.advanced(byNanoseconds: 1_200_000_000))
        #expect(client.call("node.AuthNew", #"[["root"]]"#, headers: admin).1.contains("root"))
    }
}
