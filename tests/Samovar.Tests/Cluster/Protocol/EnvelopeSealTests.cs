using Samovar.Cluster.Protocol;

namespace Samovar.Tests.Cluster.Protocol;

public sealed class EnvelopeSealTests
{
    private static readonly Guid s_sender = Guid.NewGuid();
    private static readonly BuildId s_build = BuildId.Read([.. Enumerable.Range(0, BuildId.Size).Select(static i => (byte)i)]);
    private static readonly ClusterKeys s_keys = new("key-1", [.. Enumerable.Range(0, 32).Select(static i => (byte)i)]);

    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public void What_is_sealed_is_opened()
    {
        byte[] message = Seal(s_keys).Seal(MessageKind.Claim, [1, 2, 3]);
        Seal(s_keys).Open(message, out var envelope).ShouldBe(EnvelopeVerdict.Valid);
        envelope.Kind.ShouldBe(MessageKind.Claim);
        envelope.Sender.ShouldBe(s_sender);
        envelope.Build.ShouldBe(s_build);
        envelope.Body.ToArray().ShouldBe([1, 2, 3]);
        message.Length.ShouldBe(3 + Seal(s_keys).Overhead);
    }

    [ThreadFact]
    public void A_change_of_any_bit_is_noticed()
    {
        byte[] message = Seal(s_keys).Seal(MessageKind.Tasks, [1, 2, 3, 4]);
        for (int bit = 0; bit < message.Length * 8; bit++)
        {
            byte[] altered = [.. message];
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Seal(s_keys).Open(altered, out _).ShouldNotBe(EnvelopeVerdict.Valid, $"bit {bit}");
        }
    }

    [ThreadFact]
    public void A_truncated_message_is_noticed()
    {
        byte[] message = Seal(s_keys).Seal(MessageKind.Tasks, [1, 2, 3, 4]);
        for (int length = 0; length < message.Length; length++)
            Seal(s_keys).Open(message.AsMemory(0, length), out _).ShouldNotBe(EnvelopeVerdict.Valid, $"{length} bytes");
    }

    [ThreadFact]
    public void A_message_of_another_cluster_version_or_key_is_refused()
    {
        byte[] message = Seal(s_keys).Seal(MessageKind.Tasks, []);
        Seal(s_keys, "other").Open(message, out _).ShouldBe(EnvelopeVerdict.Forged);
        Seal(new ClusterKeys("key-2", new byte[32])).Open(message, out _).ShouldBe(EnvelopeVerdict.UnknownKey);
        Seal(new ClusterKeys("key-1", new byte[32])).Open(message, out _).ShouldBe(EnvelopeVerdict.Forged);
        Seal(null).Open(message, out _).ShouldBe(EnvelopeVerdict.UnknownKey);
        Seal(s_keys).Open(Seal(null).Seal(MessageKind.Tasks, []), out _).ShouldBe(EnvelopeVerdict.Unsigned);
        Seal(s_keys).Open("hello, this is a text that is long enough to be a message of a cluster, but it has another form"u8.ToArray(), out _).ShouldBe(EnvelopeVerdict.NotAMessage);
        message[3]++;
        Seal(s_keys).Open(message, out _).ShouldBe(EnvelopeVerdict.OtherVersion);
    }

    [ThreadFact]
    public void A_ring_accepts_each_of_its_keys()
    {
        byte[] message = Seal(new ClusterKeys("old", new byte[16])).Seal(MessageKind.Tasks, []);
        Seal(s_keys.Accept("old", new byte[16])).Open(message, out _).ShouldBe(EnvelopeVerdict.Valid);
    }

    [ThreadFact]
    public void A_message_that_is_too_old_or_from_the_future_is_refused()
    {
        byte[] message = Seal(s_keys).Seal(MessageKind.Tasks, []);
        _time.Advance(TimeSpan.FromHours(1));
        Seal(s_keys).Open(message, out _).ShouldBe(EnvelopeVerdict.Valid);
        _time.Advance(TimeSpan.FromSeconds(1));
        Seal(s_keys).Open(message, out _).ShouldBe(EnvelopeVerdict.TooOld);
        var ahead = new EnvelopeSeal(s_keys, "cluster", s_sender, new(s_build), TimeProvider.System, TimeSpan.FromHours(1));
        Seal(s_keys).Open(ahead.Seal(MessageKind.Tasks, []), out _).ShouldBe(EnvelopeVerdict.TooOld); // the manual clock is in the year 2000
    }

    private EnvelopeSeal Seal(ClusterKeys? keys, string cluster = "cluster") => new(keys, cluster, s_sender, new(s_build), _time, TimeSpan.FromHours(1));
}
