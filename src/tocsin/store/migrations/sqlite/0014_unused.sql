-- compatible: 10
-- What nobody asks by any more, and every commit wrote: groups are found by their members since number 10, and a lane
-- among what is due.

DROP INDEX incident_group;
DROP INDEX job_lane;
