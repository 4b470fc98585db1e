using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Processes.Protocol;

public sealed class HandshakeTests
{
    [ProcessFact]
    public void A_hello_survives_its_bytes_and_any_cut_of_them_is_refused()
    {
        var hello = new WorkerHello
        {
            Cookie = ChannelCookie.Random(),
            Library = ModuleId.Samovar,
            ProgramModule = ModuleId.Samovar,
            ProgramToken = 42,
            Modules = [ModuleId.Samovar],
            BaseDirectory = "/b",
            WorkingDirectory = "/w",
            Assemblies = ["a", "ä"],
            NativeDirectories = [],
            Variables = ["v"],
        };
        byte[] bytes = hello.ToBytes();
        WorkerHello read = WorkerHello.Read(bytes);
        read.Cookie.ShouldBe(hello.Cookie);
        read.Assemblies.ShouldBe(hello.Assemblies);
        read.Variables.ShouldBe(["v"]);
        for (int length = 0; length < bytes.Length; length++)
            Should.Throw<ChannelCorruptedException>(() => WorkerHello.Read(bytes.AsSpan(0, length)));
    }

    [ProcessFact]
    public void Ten_thousand_mutated_answers_are_read_or_refused_and_nothing_else()
    {
        byte[] ready = new WorkerReady(ChannelCookie.Random(), ModuleId.Samovar, 7, "10.0.0").ToBytes();
        byte[] failed = new WorkerFailed(WorkerStartStep.HelloRead, "an error").ToBytes(1000);
        int refused = 0;
        for (int seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. random.Next(2) == 0 ? ready : failed];
            for (int i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Span<byte> cut = bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length));
            try
            {
                WorkerReady.Read(cut);
            }
            catch (ChannelCorruptedException)
            {
                refused++;
            }

            try
            {
                WorkerFailed.Read(cut);
            }
            catch (ChannelCorruptedException)
            {
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(5_000);
    }

    [ProcessFact]
    public void An_error_is_cut_to_the_room_there_is() =>
        new WorkerFailed(WorkerStartStep.HelloRead, new string('ä', 100_000)).ToBytes(512).Length.ShouldBeLessThanOrEqualTo(512);
}
