namespace Samovar.Tests.Meaning;

/// <summary>Something that a program may see of where it runs.</summary>
/// <param name="Text">The name of the test; for what differs, the row of docs/reference/what-differs.md.</param>
/// <param name="Answer">What every place is to answer; null where they differ, and the table has the answers.</param>
/// <param name="Ask">The one program: runs work on an executor and puts what it sees into words.</param>
internal sealed record Question(string Text, string? Answer, Func<Executor, Task<string>> Ask);

/// <summary>Lists of questions, written briefly.</summary>
internal sealed class Questions : List<Question>
{
    /// <summary>Every place gives this answer.</summary>
    public void Same(string text, string answer, Func<Executor, Task<string>> ask) => Add(new Question(text, answer, ask));

    /// <summary>The same, where all that matters happens inside the task.</summary>
    public void Same(string text, string answer, Func<string> work) => Same(text, answer, async executor => await executor.Submit(work));

    /// <summary>The answers are the row of the table with this name.</summary>
    public void Differs(string text, Func<Executor, Task<string>> ask) => Add(new Question(text, null, ask));
}
