using Samovar.Ipc.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>What a parent tells its worker first. It lies in the work ring before the worker is started.</summary>
internal sealed record WorkerHello
{
    public required ChannelCookie Cookie { get; init; }

    /// <summary>Samovar's own build, first of all.</summary>
    public required ModuleId Library { get; init; }

    /// <summary>Where <see cref="WorkerProgram"/> to run is.</summary>
    public required ModuleId ProgramModule { get; init; }

    /// <summary>Which type of that module.</summary>
    public required int ProgramToken { get; init; }

    /// <summary>Other modules that have to be of this build.</summary>
    public required IReadOnlyList<ModuleId> Modules { get; init; }

    /// <summary>The parent's <see cref="AppContext.BaseDirectory"/>.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>The directory to work in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Paths of the parent's assemblies that do not come with the runtime.</summary>
    public required IReadOnlyList<string> Assemblies { get; init; }

    /// <summary>Where the parent looks for native libraries.</summary>
    public required IReadOnlyList<string> NativeDirectories { get; init; }

    /// <summary>Environment variables to set (name=value) or to forget (name): what differs is for the worker's runtime, not for what it starts.</summary>
    public required IReadOnlyList<string> Variables { get; init; }

    /// <summary>How many workers there are from the program that no worker is down to this one, itself included; from 1.</summary>
    public int Depth { get; init; } = 1;

    public static WorkerHello Read(ReadOnlySpan<byte> message) => Handshake.Read(message, reader => new WorkerHello
    {
        Cookie = reader.ReadCookie(),
        Library = reader.ReadModule(),
        ProgramModule = reader.ReadModule(),
        ProgramToken = reader.ReadInt32(),
        Modules = reader.ReadList(Handshake.ReadModule),
        BaseDirectory = reader.ReadString(),
        WorkingDirectory = reader.ReadString(),
        Assemblies = reader.ReadStrings(),
        NativeDirectories = reader.ReadStrings(),
        Variables = reader.ReadStrings(),
        Depth = reader.ReadInt32(),
    });

    public byte[] ToBytes() => Handshake.Write(writer =>
    {
        writer.Write(Cookie);
        writer.Write(Library);
        writer.Write(ProgramModule);
        writer.Write(ProgramToken);
        writer.Write7BitEncodedInt(Modules.Count);
        foreach (ModuleId module in Modules) writer.Write(module);
        writer.Write(BaseDirectory);
        writer.Write(WorkingDirectory);
        writer.Write(Assemblies);
        writer.Write(NativeDirectories);
        writer.Write(Variables);
        writer.Write(Depth);
    });
}
