"""Mail: what the plan's workbooks are sent with. Composed into a folder, looked at, then delivered; nothing leaves unasked.

``templates`` what a mail says, ``addresses`` who may get one, ``safe`` what text from a cell may become, ``inspect`` the
second look for other people's data, ``compose`` the letters, ``outbox`` the folder with its journal, ``smtp`` and
``outlook`` the ways out, ``feed`` the changes that are told to a customer's owner.
"""
