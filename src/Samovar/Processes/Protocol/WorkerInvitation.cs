using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>What is in <see cref="Variable"/>: how to live with the parent, and where the channel is.</summary>
internal sealed record WorkerInvitation(string Lifeline, ChannelInvitation Channel)
{
    /// <summary>Marks a worker and holds its invitation. In the environment, since every user can read a command line.</summary>
    public const string Variable = "SAMOVAR_WORKER";

    /// <summary>This process's invitation, if it was started as a worker by its parent and not by somebody further up.</summary>
    public static WorkerInvitation? OfThisProcess()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } text || TryParse(text) is not { } invitation) return null;

        // A child of a worker may have inherited the variable through native code.
        return ProcessPlatform.For(invitation.Channel.Kind).IsParent(invitation.Channel.ParentId) ? invitation : null;
    }

    public static WorkerInvitation? TryParse(string text)
    {
        int end = text.IndexOf(';', StringComparison.Ordinal);
        return end > 0 && ChannelInvitation.TryParse(text[(end + 1)..]) is { } channel ? new WorkerInvitation(text[..end], channel) : null;
    }

    public override string ToString() => $"{Lifeline};{Channel}";
}
