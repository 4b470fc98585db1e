using System.Diagnostics.CodeAnalysis;

namespace Samovar.Loops;

/// <summary>A picture of a loop for who looks from outside. The loop takes it itself, between two callbacks; if it does not come to that, it is taken
/// without it: that a stuck loop can be seen is what it is for.</summary>
internal sealed class LoopPicture(LoopHost host, PictureRequest request) : LoopAside
{
    private readonly ManualResetEventSlim _taken = new();
    private TaskTreeNode? _picture;

    public static Func<TaskTreeNode> Ask(LoopHost host, PictureRequest request)
    {
        if (!host.IsRunning) return () => TaskTree.Of(host, request.Most); // nothing can change beneath it
        var picture = new LoopPicture(host, request);
        host.Core.Ask(picture);
        return picture.Get;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop is not to end by being looked at; whoever looks is told.")]
    public override void Run()
    {
        try
        {
            _picture = TaskTree.Of(host, request.Most);
        }
        catch (Exception error)
        {
            _picture = new TaskTreeNode($"event loop '{host.Name}'", $"cannot be shown: {error}", [], []);
        }

        _taken.Set(); // a full fence: who has waited sees the picture
    }

    private TaskTreeNode Get() => _taken.Wait(request.TimeLeft) ? _picture! : TaskTree.Beside(host, request.Most);
}
