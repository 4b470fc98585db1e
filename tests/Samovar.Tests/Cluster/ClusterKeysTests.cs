namespace Samovar.Tests.Cluster;

public sealed class ClusterKeysTests
{
    private static readonly string s_secret = Convert.ToBase64String(new byte[32]);

    [ThreadFact]
    public void A_ring_is_read_from_text()
    {
        var keys = ClusterKeys.Parse($"new:{s_secret}, old:{s_secret}");
        keys.SigningId.ShouldBe("new");
        keys.AcceptedIds.ShouldBe(["new", "old"], ignoreOrder: true);
    }

    [ThreadTheory]
    [InlineData("", "Key 1 of 1 does not have the form")]
    [InlineData("name", "does not have the form")]
    [InlineData("name:not base64!", "does not have the form")]
    [InlineData("a b:AAAAAAAAAAAAAAAAAAAAAA==", "not a valid name of a key")]
    [InlineData("a:AAAA", "at least 16 are needed")]
    public void Other_text_is_refused_without_its_secrets(string text, string message)
    {
        var error = Should.Throw<FormatException>(() => ClusterKeys.Parse(text));
        error.Message.ShouldContain(message);
        if (text.Contains(':', StringComparison.Ordinal)) error.ToString().ShouldNotContain(text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
    }

    [ThreadFact]
    public void Two_secrets_under_one_name_are_refused() =>
        Should.Throw<ArgumentException>(() => new ClusterKeys("a", new byte[32]).Accept("a", [.. Enumerable.Repeat((byte)1, 32)])).Message.ShouldContain("another secret");

    [ThreadFact]
    public void A_ring_does_not_show_its_secrets() => new ClusterKeys("a", "0123456789abcdef"u8).ToString().ShouldBe("a of 1");
}
